import { eventually } from '../../test/support/eventually.js';
import { Prometheus } from '../../test/support/prometheus.js';

/** A real Prometheus that scrapes one program each second. */
export interface Watched {
  /** Resolves when Prometheus has seen a sample with this value. */
  until(series: string, value: number): Promise<void>;
  /** Values of expressions that give one sample each. */
  query(...expressions: readonly string[]): Promise<(number | undefined)[]>;
  stop(): Promise<void>;
}

/** @param url of /metrics */
export type WatchedByPrometheus = (url: string) => Promise<Watched>;

/** Rejects with a sentence if there is no Prometheus on this machine. */
export const watchedByPrometheus: WatchedByPrometheus = async (url) => {
  const prometheus = await Prometheus.start([{ job_name: 'comparison', static_configs: [{ targets: [new URL(url).host] }] }]);
  const query = (...expressions: readonly string[]): Promise<(number | undefined)[]> =>
    Promise.all(expressions.map(async (expression) => (await prometheus.query(expression))[0]?.value));
  return {
    async until(series, value) {
      await eventually(`Prometheus has seen ${series} ${value}`, async () => (await query(series))[0] === value, 30_000);
    },
    query,
    stop: () => prometheus.stop(),
  };
};
