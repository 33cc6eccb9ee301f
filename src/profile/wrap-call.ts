import { Frame } from './call-context.js';
import type { CallNode } from './call-node.js';
import { type Engine, FAST, OFF } from './engine.js';
import { Entry } from './entry.js';
import { callFull } from './full-call.js';
import { chain, follow, isPromise } from './promises.js';
import { type AnyFunction, ASYNC, type Site, SYNC, UNKNOWN } from './site.js';

/**
 * The function that stands in for a profiled one.
 *
 * The path of synchronous calls is written out in one piece, without a call that `arguments` would escape to: V8 then passes them on
 * without making the object. Everything rarer goes through the closures `framed` and `full`.
 */
export function wrapCall(engine: Engine, site: Site, fn: AnyFunction): AnyFunction {
  const { context, clock } = engine;
  const entry = new Entry(engine.tree, site);

  function framed(this: unknown, ...args: unknown[]): unknown {
    return callFramed(engine, entry, site, fn, this, args);
  }

  function full(this: unknown, ...args: unknown[]): unknown {
    return callFull(engine, entry, site, fn, this, args);
  }

  function construct(target: AnyFunction, args: unknown[]): unknown {
    const made = (...given: unknown[]): unknown => Reflect.construct(fn, given, target === site.wrapper ? fn : target);
    if (engine.mode === OFF) return made(...args);
    return engine.mode === FAST
      ? callFramed(engine, entry, site, made, undefined, args)
      : callFull(engine, entry, site, made, undefined, args);
  }

  return function profiled(this: unknown): unknown {
    if (new.target !== undefined) return construct(new.target, [...(arguments as unknown as unknown[])]);
    if (engine.mode === OFF) return fn.apply(this, arguments as unknown as unknown[]);
    if (engine.mode !== FAST) return full.apply(this, arguments as unknown as unknown[]);
    if (site.follow !== SYNC && !site.isRecursing) return framed.apply(this, arguments as unknown as unknown[]);
    const frame = context.current();
    const parent = frame.node;
    const node = entry.node(parent, this);
    if (node.muted) return fn.apply(this, arguments as unknown as unknown[]);
    let result: unknown;
    // The stack may overflow in any call, also in that of the clock: the frame is moved after it, and put back before.
    const start = clock();
    frame.node = node;
    try {
      result = fn.apply(this, arguments as unknown as unknown[]);
    } catch (error) {
      frame.node = parent;
      const elapsed = clock() - start;
      engine.count(node, true, elapsed);
      throw error;
    }
    frame.node = parent;
    const elapsed = clock() - start;
    if (typeof result === 'object' && isPromise(result)) {
      site.follow = ASYNC;
      return settle(engine, site, node, parent.depth === 0, start, result);
    }
    const failed = site.errorIf !== undefined && engine.judge(site, result);
    engine.count(node, failed, elapsed);
    if (parent.depth === 0) engine.measureSize(node, site, result, failed, undefined);
    return result;
  };
}

/** As {@link wrapCall} for functions that are declared `async`: what they return is known to be a plain promise. */
export function wrapAsyncCall(engine: Engine, site: Site, fn: AnyFunction): AnyFunction {
  const { context, clock } = engine;
  const entry = new Entry(engine.tree, site);
  return function profiled(this: unknown, ...args: unknown[]): unknown {
    if (engine.mode === OFF) return fn.apply(this, args);
    if (engine.mode !== FAST) return callFull(engine, entry, site, fn, this, args);
    const parent = context.current().node;
    const node = entry.node(parent, this);
    if (node.muted) return context.run(new Frame(node, undefined), fn, this, args);
    const isRoot = parent.depth === 0;
    const start = clock();
    return chain(
      context.run(new Frame(node, undefined), fn, this, args) as Promise<unknown>,
      (result) => {
        succeed(engine, site, node, isRoot, clock() - start, result);
        return result;
      },
      (error) => {
        engine.count(node, true, clock() - start);
        throw error;
      },
    );
  };
}

/** A call in a frame of its own: it returns a promise, or nobody knows yet what it returns. */
function callFramed(engine: Engine, entry: Entry, site: Site, fn: AnyFunction, self: unknown, args: unknown[]): unknown {
  const { context, clock } = engine;
  const outer = context.current();
  const parent = outer.node;
  const node = entry.node(parent, self);
  const isRoot = parent.depth === 0;
  const frame = new Frame(node, undefined);
  const isTrial = site.follow === UNKNOWN;
  let goesOn = false;
  const start = clock();
  if (isTrial) site.trials++;
  try {
    const result = isTrial ? context.tryRun(frame, fn, self, args) : context.run(frame, fn, self, args);
    goesOn = isPromise(result);
    if (node.muted) return result;
    if (goesOn) return settle(engine, site, node, isRoot, start, result as Promise<unknown>);
    succeed(engine, site, node, isRoot, clock() - start, result);
    return result;
  } catch (error) {
    if (!node.muted) engine.count(node, true, clock() - start);
    throw error;
  } finally {
    if (isTrial) {
      site.endTrial(goesOn);
      context.settle(frame, outer, goesOn);
    }
  }
}

/** Counts the call when its promise settles. */
function settle(engine: Engine, site: Site, node: CallNode, isRoot: boolean, start: number, promise: Promise<unknown>): Promise<unknown> {
  return follow(
    promise,
    (result) => {
      succeed(engine, site, node, isRoot, engine.clock() - start, result);
      return result;
    },
    (error) => {
      engine.count(node, true, engine.clock() - start);
      throw error;
    },
  );
}

function succeed(engine: Engine, site: Site, node: CallNode, isRoot: boolean, elapsed: number, result: unknown): void {
  const failed = site.errorIf !== undefined && engine.judge(site, result);
  engine.count(node, failed, elapsed);
  if (isRoot) engine.measureSize(node, site, result, failed, undefined);
}
