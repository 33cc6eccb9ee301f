import type { Instruments } from './instruments.js';
import type { Source } from './source.js';

const NANOSECONDS = 1e9;
const MILLISECONDS = 1e3;

/**
 * How late the event loop is, and how busy.
 *
 * @param precision milliseconds between two looks at the loop
 */
export function eventLoopSource(make: Instruments, precision: number): Source {
  const lag = (which: string, what: string) => make.gauge(`nodejs_eventloop_lag_${which}seconds`, `${what}, in seconds.`);
  const last = lag('', 'How late the event loop was when it was last asked');
  const lags = {
    min: lag('min_', 'Least lag of the event loop since the last reading'),
    max: lag('max_', 'Most lag of the event loop since the last reading'),
    mean: lag('mean_', 'Mean lag of the event loop since the last reading'),
    p50: lag('p50_', 'Median lag of the event loop since the last reading'),
    p90: lag('p90_', '90th percentile of the lag of the event loop since the last reading'),
    p99: lag('p99_', '99th percentile of the lag of the event loop since the last reading'),
  };
  const stddev = lag('stddev_', 'Standard deviation of the lag of the event loop since the last reading');
  const utilization = make.gauge('nodejs_eventloop_utilization', 'Share of time in which the event loop was busy since the last reading.');

  const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
  const delays = monitorEventLoopDelay({ resolution: precision });
  delays.enable();
  let before = performance.eventLoopUtilization();
  let latest = 0;
  /** Of a round of the loop that begins now; a reading shows that of the reading before. */
  const measure = (): void => {
    const start = performance.now();
    setImmediate(() => {
      latest = performance.now() - start;
    }).unref();
  };
  measure();
  return {
    metrics: [last, ...Object.values(lags), stddev, utilization],
    collect() {
      const shown = latest / MILLISECONDS;
      last.set(shown);
      measure();
      const now = performance.eventLoopUtilization();
      utilization.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
      // Nothing was seen since: what was shown before stays.
      if (delays.count === 0) return lags.max.set(shown);
      // What is measured is the time between two looks.
      const late = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS - precision / MILLISECONDS);
      lags.min.set(late(delays.min));
      // The looks begin anew after a reset, so that of a round which stalls right then only the other clock knows.
      lags.max.set(Math.max(late(delays.max), shown));
      lags.mean.set(late(delays.mean));
      lags.p50.set(late(delays.percentile(50)));
      lags.p90.set(late(delays.percentile(90)));
      lags.p99.set(late(delays.percentile(99)));
      stddev.set(delays.stddev / NANOSECONDS);
      delays.reset();
    },
    stop: () => void delays.disable(),
  };
}
