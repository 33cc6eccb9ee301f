/** Starts a clock; the function that it returns stops it and gives the duration. */

/** Milliseconds of one of the units that durations are given in; what we don't know counts as seconds, Prometheus's base unit. */
export function millisecondsPerUnit(units: string): number {
  return units === 'mS' || units === 'ms' ? 1 : 1000;
}

/** Calls `done` with the time since now, in the metric's units, each time the returned function is called. */
export function startTimer<A extends unknown[]>(units: string, done: (duration: number, ...args: A) => void): (...args: A) => number {
  const start = performance.now();
  const scale = millisecondsPerUnit(units);
  return (...args) => {
    const duration = (performance.now() - start) / scale;
    done(duration, ...args);
    return duration;
  };
}
