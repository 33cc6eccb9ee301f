import { types } from 'node:util';

/** How a returned promise may be followed without changing what the program does. */

const { then } = Promise.prototype;

/** True for promises of the language; thenables of libraries may start their work when `then` is called, so nobody touches those. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && (value instanceof Promise || types.isPromise(value));
}

/**
 * Calls `fulfilled` or `rejected` when the promise settles, and returns what the caller of the profiled function gets.
 *
 * A plain promise is chained, so that an unhandled rejection stays one. A promise with a life of its own (a subclass, own properties
 * such as `cancel`) keeps its identity and is watched from the side.
 */
export function follow(promise: Promise<unknown>, fulfilled: (value: unknown) => void, rejected: (error: unknown) => void): Promise<unknown> {
  if (isPlain(promise)) {
    return then.call(
      promise,
      (value: unknown) => {
        fulfilled(value);
        return value;
      },
      (error: unknown) => {
        rejected(error);
        throw error;
      },
    ) as Promise<unknown>;
  }
  watch(promise, fulfilled, rejected);
  return promise;
}

function isPlain(promise: Promise<unknown>): boolean {
  return Object.getPrototypeOf(promise) === Promise.prototype && Reflect.ownKeys(promise).length === 0;
}

/**
 * `then` makes its promise with the species of the one it is called on, which would run a subclass's constructor;
 * an own `constructor` for the time of the call makes it a plain one.
 */
function watch(promise: Promise<unknown>, fulfilled: (value: unknown) => void, rejected: (error: unknown) => void): void {
  const own = Object.getOwnPropertyDescriptor(promise, 'constructor');
  const borrowed = own === undefined && Object.isExtensible(promise) && promise.constructor !== Promise;
  if (borrowed) Object.defineProperty(promise, 'constructor', { value: Promise, configurable: true });
  try {
    void then.call(promise, fulfilled, rejected);
  } finally {
    if (borrowed) Reflect.deleteProperty(promise, 'constructor');
  }
}
