import { AsyncLocalStorage } from 'node:async_hooks';
import { types } from 'node:util';
import { type CallNode, MUTED } from './call-node.js';
import { isPromise } from './promises.js';
import type { RecordBuffer } from './record-buffer.js';
import type { AnyFunction } from './site.js';

/**
 * Where a line of execution stands in the call tree: one for each asynchronous call, and one for everything else.
 *
 * Synchronous calls move its pointer and put it back: synchronous sections can't interleave.
 */
export class Frame {
  node: CallNode;
  /** Where records go; undefined outside of calls, and while nobody collects records. */
  buffer: RecordBuffer | undefined;
  /** True in the after hooks of a call that failed. */
  failed = false;
  /** What the call threw, in its after hooks. */
  error: unknown = undefined;
  /** Frame that stands in for this one, whose call turned out to be synchronous: what it started belongs where its caller's does. */
  instead: Frame | undefined = undefined;

  constructor(node: CallNode, buffer: RecordBuffer | undefined) {
    this.node = node;
    this.buffer = buffer;
  }

  /** A frame that stands at the same place and stays there. */
  copy(): Frame {
    const copy = new Frame(this.node, this.buffer);
    copy.failed = this.failed;
    copy.error = this.error;
    return copy;
  }
}

/** The running call, as hooks and custom metrics see it. */
export interface CurrentNode {
  /** Call path, `Owner:root.child`; empty outside of any call. */
  readonly context: string;
  /** In after hooks: what the call threw; else undefined. */
  readonly error: unknown;
}

/**
 * Finds the frame of the running code.
 *
 * The AsyncLocalStorage is made when the first asynchronous call needs it: on Node 20 and 22 one `run` taxes every promise of the process.
 */
export class CallContext {
  readonly base: Frame;
  storage: AsyncLocalStorage<Frame> | undefined;
  /** True once a call has needed a frame that stays. */
  #inUse = false;
  /** Calls in a frame of which nobody knows yet whether they need one. */
  #trials = 0;

  constructor(root: CallNode) {
    this.base = new Frame(root, undefined);
  }

  current(): Frame {
    if (this.storage === undefined) return this.base;
    let frame = this.storage.getStore() ?? this.base;
    while (frame.instead !== undefined) frame = frame.instead;
    return frame;
  }

  /** Calls a function in a frame of its own, which all that it awaits or starts inherits. */
  run(frame: Frame, fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    this.useFrames();
    return (this.storage as AsyncLocalStorage<Frame>).run(frame, Reflect.apply, fn, self, args as unknown[]);
  }

  /** As {@link run}, for a call of which nobody knows yet whether it goes on after it returned; `settle` tells then. */
  tryRun(frame: Frame, fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    this.storage ??= new AsyncLocalStorage<Frame>();
    this.#trials++;
    try {
      return this.storage.run(frame, Reflect.apply, fn, self, args as unknown[]);
    } finally {
      this.#trials--;
    }
  }

  /** Ends a trial: the frame stays if the call goes on, else it never was; without any frame in use, the storage goes too. */
  settle(frame: Frame, outer: Frame, goesOn: boolean): void {
    if (goesOn) this.useFrames();
    else frame.instead = outer;
    if (this.#trials === 0 && !this.#inUse) this.close();
  }

  /** Calls a function with the running frame moved to `node`, and moves it back. */
  visit(node: CallNode, buffer: RecordBuffer | undefined, fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    const frame = this.current();
    const { node: outerNode, buffer: outerBuffer } = frame;
    frame.node = node;
    frame.buffer = buffer;
    try {
      return fn.apply(self, args as unknown[]);
    } finally {
      frame.node = outerNode;
      frame.buffer = outerBuffer;
    }
  }

  /**
   * Calls a callback of the user where nothing is profiled, nor in what it starts: timers, promises, requests.
   *
   * It takes a frame of its own even where the program is synchronous: a handler whose timer calls something profiled would feed itself for ever.
   */
  mute<T>(callback: () => T): T {
    return this.run(new Frame(MUTED, undefined), callback, undefined, []) as T;
  }

  /** As {@link mute} for callbacks that only a scrape calls: those that go on after they returned have to tell by a promise. */
  muteAnswer<T>(callback: () => T): T {
    if (this.#inUse || types.isAsyncFunction(callback)) return this.mute(callback);
    const answer = this.visit(MUTED, undefined, callback, undefined, []) as T;
    if (isPromise(answer)) this.useFrames();
    return answer;
  }

  /** Makes sure that what is muted or called from now on stays so across its promises. */
  useFrames(): void {
    this.storage ??= new AsyncLocalStorage<Frame>();
    this.#inUse = true;
  }

  /** Gives the storage back; calls that are under way lose their place in the tree. */
  close(): void {
    this.storage?.disable();
    this.storage = undefined;
    this.#inUse = false;
  }
}
