import { types } from 'node:util';

/** How a returned promise may be followed without changing what the program does. */

const { then } = Promise.prototype;

/** True for promises of the language; thenables of libraries may start their work when `then` is called, so nobody touches those. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && (value instanceof Promise || types.isPromise(value));
}

/** `then` of a promise that is known to be plain: what an async function returned. */
export function chain(promise: Promise<unknown>, fulfilled: (value: unknown) => unknown, rejected: (error: unknown) => never): Promise<unknown> {
  return then.call(promise, fulfilled, rejected) as Promise<unknown>;
}

/**
 * Calls `fulfilled` or `rejected` when the promise settles, and returns what the caller of the profiled function gets.
 *
 * `fulfilled` passes on the value and `rejected` throws the error. A plain promise is chained, so that an unhandled rejection stays one. A
 * promise with a life of its own (a subclass, own properties such as `cancel`) keeps its identity and is watched from the side: that a
 * rejection of such a promise was handled by nobody can then not be seen any more.
 */
export function follow(promise: Promise<unknown>, fulfilled: (value: unknown) => unknown, rejected: (error: unknown) => never): Promise<unknown> {
  if (isPlain(promise)) return chain(promise, fulfilled, rejected);
  watch(promise, fulfilled, rejected);
  return promise;
}

/** Own symbols don't count: async_hooks of Node 20 leaves some on every promise. */
function isPlain(promise: Promise<unknown>): boolean {
  return Object.getPrototypeOf(promise) === Promise.prototype && Object.getOwnPropertyNames(promise).length === 0;
}

/**
 * `then` makes its promise with the species of the one it is called on, which would run a subclass's constructor;
 * an own `constructor` for the time of the call makes it a plain one.
 */
function watch(promise: Promise<unknown>, fulfilled: (value: unknown) => unknown, rejected: (error: unknown) => never): void {
  const borrowed = !Object.hasOwn(promise, 'constructor') && Object.isExtensible(promise) && promise.constructor !== Promise;
  if (borrowed) Object.defineProperty(promise, 'constructor', { value: Promise, configurable: true });
  try {
    void then.call(promise, fulfilled, (error: unknown) => {
      try {
        rejected(error);
      } catch {
        // The promise itself still rejects; its derived one must not do so a second time.
      }
    });
  } finally {
    if (borrowed) Reflect.deleteProperty(promise, 'constructor');
  }
}
