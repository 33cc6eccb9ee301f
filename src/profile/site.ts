import { runningConstructor } from './call-sites.js';

/** How the calls of a function are followed. */
export type Follow = typeof UNKNOWN | typeof SYNC | typeof ASYNC | typeof EXACT;
/** Nothing is known before the first call. */
export const UNKNOWN = 0;
/** Returns when it is done: its node is pushed and popped. */
export const SYNC = 1;
/** Returns a promise: an AsyncLocalStorage frame carries its node. */
export const ASYNC = 2;
/** `context: 'exact'`: a frame for each call, whatever it returns. */
export const EXACT = 3;

// biome-ignore lint/suspicious/noExplicitAny: any function can be profiled
export type AnyFunction = (this: any, ...args: any[]) => any;

/** Settings of one profiled function. */
export interface SiteOptions {
  /** `auto` follows everything awaited or synchronous; `exact` also timers, emitters and callbacks, for some 0.4 µs a call. Default: `auto`. */
  readonly context?: 'auto' | 'exact';
  /** True if a returned (or resolved) value means failure. Default: only what is thrown does. */
  readonly errorIf?: (result: never) => boolean;
  /** Size of a result in bytes, undefined if it can't be told. Default: see `sizeOfResult`. */
  readonly sizeOf?: (result: never) => number | undefined;
}

/** Where a function's owner, the class or module in its root context, is to be found. */
export type OwnerSource =
  | { readonly kind: 'given'; readonly item: string }
  /** A method or accessor, found by its key on the chain of `this`. */
  | { readonly kind: 'member'; readonly key: PropertyKey; readonly fallback: string }
  /** A private method or a field, found by the constructor that initializes it. */
  | { readonly kind: 'initialized'; readonly fallback: string };

/** Levels of a first call's recursion that are followed exactly, whatever they return. */
const MOST_TRIALS = 16;

/** One profiled function: its name, owner and settings, the same for all its calls. */
export class Site {
  readonly name: string;
  readonly errorIf: ((result: unknown) => boolean) | undefined;
  readonly sizeOf: ((result: unknown) => number | undefined) | undefined;
  follow: Follow;
  /** First calls of it that are running, each in a frame of its own: more than one if it calls itself. */
  trials = 0;
  /** The function that stands in for the original. */
  wrapper: AnyFunction | undefined;
  readonly #source: OwnerSource;
  #owner: string | undefined;
  #key: string | undefined;

  constructor(name: string, source: OwnerSource, options: SiteOptions = {}, isAsync = false) {
    this.name = name;
    this.#source = source;
    this.#owner = source.kind === 'given' ? source.item : undefined;
    this.errorIf = options.errorIf as ((result: unknown) => boolean) | undefined;
    this.sizeOf = options.sizeOf as ((result: unknown) => number | undefined) | undefined;
    this.follow = options.context === 'exact' ? EXACT : isAsync ? ASYNC : UNKNOWN;
  }

  /** True once the owner is known for good. */
  get isResolved(): boolean {
    return this.#owner !== undefined;
  }

  /** Class or module that the function belongs to. A class that only inherits a method does not own it. */
  ownerOf(self: unknown): string {
    if (this.#owner !== undefined) return this.#owner;
    const source = this.#source;
    if (source.kind === 'given') return source.item;
    if (source.kind === 'member') this.#owner = declaringClass(self, source.key, this.wrapper);
    return this.#owner ?? source.fallback;
  }

  /** The same for all functions that are one to the user: arrow functions in fields and closures are made anew for each instance or call. */
  get key(): string {
    if (this.#key !== undefined) return this.#key;
    const key = `${this.ownerOf(undefined)}\n${this.name}`;
    if (this.isResolved) this.#key = key;
    return key;
  }

  /** The first call has returned: a promise, if it goes on. One of its own calls may have known before. */
  endTrial(goesOn: boolean): void {
    this.trials--;
    if (this.follow === UNKNOWN) this.follow = goesOn ? ASYNC : SYNC;
  }

  /** True if further calls of a first call are to do without frames: those fill the stack of a deep recursion ten times as fast. */
  get isRecursing(): boolean {
    return this.trials >= MOST_TRIALS;
  }

  /** Own name of the function with its owner, `Class.method`. */
  get label(): string {
    return `${this.ownerOf(undefined)}.${this.name}`;
  }

  /** To be called while an instance is initialized: the class being constructed is the one that declares the member. If it has no name, nothing will tell it later. */
  resolveFromConstructor(below: (...args: never[]) => unknown): void {
    this.#owner ??= runningConstructor(below) ?? this.#fallback;
  }

  /** To be called by a static member's initializer. */
  resolveTo(owner: string): void {
    this.#owner ??= owner === '' ? this.#fallback : owner;
  }

  get #fallback(): string {
    return this.#source.kind === 'given' ? this.#source.item : this.#source.fallback;
  }
}

/** Stands for what a path leaves out. */
export const FOLD = new Site('…', { kind: 'given', item: '…' });

/** Name of the class on the chain of `self` that has `wrapper` as its own member `key`. */
function declaringClass(self: unknown, key: PropertyKey, wrapper: AnyFunction | undefined): string | undefined {
  try {
    let object = self as object | null;
    let first: string | undefined;
    while (object !== null && (typeof object === 'object' || typeof object === 'function')) {
      const member = Object.getOwnPropertyDescriptor(object, key);
      if (member !== undefined) {
        const name = classNameOf(object);
        if (member.value === wrapper || member.get === wrapper || member.set === wrapper) return name;
        first ??= name;
      }
      object = Object.getPrototypeOf(object) as object | null;
    }
    // Another decorator wrapped ours: the nearest class with such a member is the best that can be told.
    return first;
  } catch {
    return undefined;
  }
}

function classNameOf(object: object): string | undefined {
  const owner: unknown = typeof object === 'function' ? object : object.constructor;
  const name: unknown = typeof owner === 'function' ? owner.name : undefined;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
