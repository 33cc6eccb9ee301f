import { COUNT } from '../metrics/metric-host.js';
import { Frame } from './call-context.js';
import type { CallNode } from './call-node.js';
import type { Engine } from './engine.js';
import type { Entry } from './entry.js';
import type { AfterHook, BeforeHook } from './hooks.js';
import { follow, isPromise } from './promises.js';
import type { RecordBuffer } from './record-buffer.js';
import { type AnyFunction, ASYNC, type Site, SYNC, UNKNOWN } from './site.js';

/** A call under way, with all that may surround it: hooks, records, response size, delivery. */
export class FullCall {
  readonly #engine: Engine;
  readonly #site: Site;
  readonly #node: CallNode;
  readonly #isRoot: boolean;
  readonly #args: readonly unknown[];
  /** Undefined while nobody collects records. */
  readonly buffer: RecordBuffer | undefined;
  readonly #owned: boolean;
  #start = 0;

  constructor(engine: Engine, site: Site, node: CallNode, outer: Frame, args: readonly unknown[]) {
    this.#engine = engine;
    this.#site = site;
    this.#node = node;
    this.#isRoot = outer.node.depth === 0;
    this.#args = args;
    const { buffer, owned } = engine.recording ? engine.bufferFor(outer, this.#isRoot) : { buffer: undefined, owned: false };
    this.buffer = buffer;
    this.#owned = owned;
  }

  /** Runs the before hooks, then starts the clock. `frame` is the running one and stands at this call's node. */
  begin(frame: Frame, fn: AnyFunction): void {
    const { hooks, clock } = this.#engine;
    if (this.#isRoot) this.#hook('before_root_func', hooks.beforeRootFunc, frame, fn);
    this.#hook('before_func', hooks.beforeFunc, frame, fn);
    this.#start = clock();
  }

  /**
   * @param frame the running one, wherever it stands: hooks and what they record find this call there
   * @param active milliseconds to count instead of those since `begin`
   */
  returned(frame: Frame, result: unknown, active?: number): void {
    const elapsed = active ?? this.#engine.clock() - this.#start;
    this.#end(frame, elapsed, this.#engine.judge(this.#site, result), undefined, result);
  }

  /** As {@link returned}. */
  threw(frame: Frame, error: unknown, active?: number): void {
    const elapsed = active ?? this.#engine.clock() - this.#start;
    this.#end(frame, elapsed, true, error, undefined, true);
  }

  #end(frame: Frame, elapsed: number, failed: boolean, error: unknown, result: unknown, thrown = false): void {
    const engine = this.#engine;
    const node = this.#node;
    const { node: outerNode, buffer: outerBuffer, failed: outerFailed, error: outerError } = frame;
    frame.node = node;
    frame.buffer = this.buffer;
    frame.failed = failed;
    frame.error = error;
    // The stack may overflow anywhere, and a program may survive it.
    try {
      if (engine.time !== undefined && (engine.time.lanes & COUNT) !== 0) engine.count(node, failed, elapsed);
      if (this.buffer !== undefined) engine.recordTime(node, failed, elapsed, this.buffer);
      this.#hook('after_func', engine.hooks.afterFunc, frame, result);
      if (this.#isRoot) {
        if (!thrown) engine.measureSize(node, this.#site, result, failed, this.buffer);
        this.#hook('after_root_func', engine.hooks.afterRootFunc, frame, result);
      }
    } finally {
      frame.node = outerNode;
      frame.buffer = outerBuffer;
      frame.failed = outerFailed;
      frame.error = outerError;
    }
    this.#deliver();
  }

  #deliver(): void {
    const { buffer } = this;
    if (buffer === undefined) return;
    if (this.#owned) buffer.open = false;
    if (!buffer.open || buffer.pending >= this.#engine.recordLimit) this.#engine.deliver(buffer);
  }

  #hook(name: string, hook: BeforeHook | AfterHook | undefined, frame: Frame, first: unknown): void {
    if (typeof hook !== 'function') return;
    const { context } = this.#engine;
    frame.node = this.#node.mutedTwin;
    try {
      const returned: unknown = context.run(frame.copy(), hook, undefined, [first, this.#args]);
      if (isPromise(returned))
        void returned.then(undefined, (error: unknown) => this.#engine.callbackFailed(name, this.#node.context, error));
    } catch (error) {
      this.#engine.callbackFailed(name, this.#node.context, error);
    } finally {
      frame.node = this.#node;
    }
  }
}

/** Calls a profiled function with everything that may surround it. */
export function callFull(engine: Engine, entry: Entry, site: Site, fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
  const outer = engine.context.current();
  const node = entry.node(outer.node, self);
  // A hook may start what goes on after it returned.
  if (node.muted) return site.follow === SYNC ? fn.apply(self, args as unknown[]) : engine.context.run(outer.copy(), fn, self, args);
  const call = new FullCall(engine, site, node, outer, args);
  if (site.follow !== SYNC && !site.isRecursing) return callInFrame(engine, call, outer, node, site, fn, self, args);
  // Written out here: a recursion gets a fifth deeper than with a function of its own for it.
  const { node: parent, buffer } = outer;
  outer.node = node;
  outer.buffer = call.buffer;
  let result: unknown;
  try {
    call.begin(outer, fn);
    result = fn.apply(self, args as unknown[]);
  } catch (error) {
    outer.node = parent;
    outer.buffer = buffer;
    call.threw(outer, error);
    throw error;
  }
  outer.node = parent;
  outer.buffer = buffer;
  if (isPromise(result)) {
    site.follow = ASYNC;
    return followCall(engine, call, result);
  }
  call.returned(outer, result);
  return result;
}

/** Gives the call a frame of its own, in which it also ends: what after hooks see and record belongs to the call. */
function callInFrame(
  engine: Engine,
  call: FullCall,
  outer: Frame,
  node: CallNode,
  site: Site,
  fn: AnyFunction,
  self: unknown,
  args: readonly unknown[],
): unknown {
  const { context } = engine;
  const frame = new Frame(node, call.buffer);
  const isTrial = site.follow === UNKNOWN;
  const inFrame = (): unknown => {
    call.begin(frame, fn);
    let returned: unknown;
    try {
      returned = fn.apply(self, args as unknown[]);
    } catch (error) {
      call.threw(frame, error);
      throw error;
    }
    if (!isPromise(returned)) call.returned(frame, returned);
    return returned;
  };
  if (!isTrial) {
    const result = context.run(frame, inFrame, undefined, []);
    return isPromise(result) ? followCall(engine, call, result) : result;
  }
  let goesOn = false;
  site.trials++;
  try {
    const result = context.tryRun(frame, inFrame, undefined, []);
    goesOn = isPromise(result);
    return goesOn ? followCall(engine, call, result as Promise<unknown>) : result;
  } finally {
    site.endTrial(goesOn);
    context.settle(frame, outer, goesOn);
  }
}

/** Ends the call when its promise settles. */
function followCall({ context }: Engine, call: FullCall, promise: Promise<unknown>): Promise<unknown> {
  return follow(
    promise,
    (result) => {
      call.returned(context.current(), result);
      return result;
    },
    (error) => {
      call.threw(context.current(), error);
      throw error;
    },
  );
}
