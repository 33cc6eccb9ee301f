/** Milliseconds from an arbitrary origin; never steps back. Handed in, so that tests can let time pass at will. */
export type Clock = () => number;

/** Kept, because `globalThis.performance` is a getter: looking it up costs some 5 ns a reading. */
const { performance } = globalThis;

/** The runtime's own monotonic clock. */
export const monotonicClock: Clock = () => performance.now();

/** Milliseconds since 1970, for what other programs are to understand. */
export const wallClock: Clock = () => Date.now();
