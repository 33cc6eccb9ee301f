/** Milliseconds from an arbitrary origin; never steps back. Handed in, so that tests can let time pass at will. */
export type Clock = () => number;

/** The runtime's own monotonic clock. Looked up at each call, so that fake timers which replace `performance` are seen. */
export const monotonicClock: Clock = () => performance.now();
