import { types } from 'node:util';

/** How a returned promise may be followed without changing what the program does. */

const { then } = Promise.prototype;

/**
 * True for promises of the language, of any realm; what merely inherits from them is none. Thenables of libraries may start their work when `then`
 * is called, so nobody looks at that.
 */
export function isPromise(value: unknown): value is Promise<unknown> {
  return types.isPromise(value);
}

/** `then` of a promise that is known to be plain: what an async function returned. */
export function chain(
  promise: Promise<unknown>,
  fulfilled: (value: unknown) => unknown,
  rejected: (error: unknown) => never,
): Promise<unknown> {
  return then.call(promise, fulfilled, rejected);
}

/**
 * Calls `fulfilled` or `rejected` when the promise settles, and returns what the caller of the profiled function gets.
 *
 * `fulfilled` passes on the value and `rejected` throws the error. A plain promise is chained, so that an unhandled rejection stays one. A
 * promise with a life of its own (a subclass, own properties such as `cancel`) keeps its identity and is watched from the side: that a
 * rejection of such a promise was handled by nobody can then not be seen any more.
 */
export function follow(
  promise: Promise<unknown>,
  fulfilled: (value: unknown) => unknown,
  rejected: (error: unknown) => never,
): Promise<unknown> {
  if (isPlain(promise)) return chain(promise, fulfilled, rejected);
  watch(promise, fulfilled, rejected);
  return promise;
}

function isPlain(promise: Promise<unknown>): boolean {
  return Object.getPrototypeOf(promise) === Promise.prototype && Reflect.ownKeys(promise).every(isOfNode);
}

/** Node.js 20 and 22 leave symbols on promises while an AsyncLocalStorage is in use, later ones while an async hook is. */
function isOfNode(key: string | symbol): boolean {
  return typeof key === 'symbol' && key.description !== undefined && SYMBOLS_OF_NODE.has(key.description);
}

const SYMBOLS_OF_NODE: ReadonlySet<string> = new Set(['async_id_symbol', 'trigger_async_id_symbol', 'kResourceStore']);

/**
 * Watches a promise without a trace. `then` makes its promise with the constructor of the one it is called on, which would run code of a subclass; an
 * own `constructor` for the time of the call makes it a plain one. Where that can't be, the call counts as ended now.
 */
function watch(promise: Promise<unknown>, fulfilled: (value: unknown) => unknown, rejected: (error: unknown) => never): void {
  const own = Object.getOwnPropertyDescriptor(promise, 'constructor');
  if (own === undefined ? !Object.isExtensible(promise) : own.configurable !== true) {
    fulfilled(promise);
    return;
  }
  void Object.defineProperty(promise, 'constructor', { value: Promise, configurable: true });
  try {
    void then.call(promise, fulfilled, (error: unknown) => {
      try {
        rejected(error);
      } catch {
        // The promise itself still rejects; its derived one must not do so a second time.
      }
    });
  } finally {
    if (own === undefined) Reflect.deleteProperty(promise, 'constructor');
    else void Object.defineProperty(promise, 'constructor', own);
  }
}
