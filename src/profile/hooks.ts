import type { AnyFunction } from './site.js';

/** Called before a call: the original function and the arguments of this call. */
export type BeforeHook = (func: AnyFunction, args: readonly unknown[]) => void | Promise<void>;

/** Called after a call: its result, undefined if it threw (then `profiler.currentNode.error` tells), and its arguments. */
export type AfterHook = (result: unknown, args: readonly unknown[]) => void | Promise<void>;

/** The user's callbacks around profiled calls. What they throw is counted and logged, never passed on; promises are not waited for. */
export interface Hooks {
  /** Before each call. */
  beforeFunc: BeforeHook | undefined;
  /** After each call. */
  afterFunc: AfterHook | undefined;
  /** Before each root call, ahead of `beforeFunc`. */
  beforeRootFunc: BeforeHook | undefined;
  /** After each root call, behind `afterFunc`. */
  afterRootFunc: AfterHook | undefined;
}
