import { createRequire } from 'node:module';
import { Histogram, type HistogramChild, type Profiler } from 'phanos';
import { countingProfiler } from './subjects.js';

/** 100 000 histogram series of 11 buckets: ten metrics of 100 x 100 label sets, which both libraries' usual limits allow. */

export const SERIES = 100_000;
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const METRICS = 10;
const ROUTES = Array.from({ length: 100 }, (_, i) => `/api/v1/things/${i}`);
const CODES = Array.from({ length: 100 }, (_, i) => `code-${i}`);

const LABEL_NAMES = ['route', 'code'] as const;

/** A child handle of either library. */
export interface Observing {
  observe(value: number): void;
}

/** Something that makes handles of one metric. */
interface Labelled<C extends Observing> {
  labels(labels: { readonly route: string; readonly code: string }): C;
}

export interface PhanosSeries {
  readonly profiler: Profiler;
  readonly children: readonly HistogramChild[];
}

/** How many series: each metric has a hundred for each route. */
export interface Extent {
  readonly metrics: number;
  /** 100 at most. */
  readonly routes: number;
  /** Native buckets as well, of so many durations in each series. @default none, and one value in each */
  readonly durations?: number;
}

export const WHOLE: Extent = { metrics: METRICS, routes: ROUTES.length };

/** Durations in seconds over some three decades, as requests have them; a hundred of them take about a hundred native buckets. */
export const DURATIONS = Float64Array.from({ length: 65_536 }, () => Math.exp(normal() * 1.2 - 4));

function normal(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

/** @param afterMetric called when all series of a metric exist */
export async function phanosSeries(
  profiler = seriesProfiler(),
  afterMetric?: () => Promise<void>,
  { metrics, routes, durations }: Extent = WHOLE,
): Promise<PhanosSeries> {
  const children: HistogramChild[] = [];
  for (let i = 0; i < metrics; i++) {
    const options = {
      name: `things_${i}`,
      help: 'Things.',
      buckets: BUCKETS,
      labelNames: LABEL_NAMES,
      native: durations !== undefined,
      profiler,
    };
    addSeries(new Histogram(options), children, routes, durations);
    await afterMetric?.();
  }
  return { profiler, children };
}

export function seriesProfiler(): Profiler {
  return countingProfiler({ timeProfile: false, responseSizeProfile: false });
}

/** What prom-client and its successor have in common. */
type PromClient = Pick<typeof import('prom-client'), 'Histogram' | 'Registry'>;

/** @param peer path of a library that is used like prom-client */
export async function promSeries({ metrics, routes }: Extent = WHOLE, peer?: string) {
  const prom = peer === undefined ? await import('prom-client') : (createRequire(import.meta.url)(peer) as PromClient);
  const registry = new prom.Registry();
  const children: Observing[] = [];
  for (let i = 0; i < metrics; i++) {
    const options = { name: `things_${i}`, help: 'Things.', buckets: BUCKETS, labelNames: LABEL_NAMES, registers: [registry] };
    addSeries(new prom.Histogram(options), children, routes);
  }
  return { registry, children };
}

function addSeries<C extends Observing>(metric: Labelled<C>, children: C[], routes: number, durations?: number): void {
  for (const route of ROUTES.slice(0, routes)) {
    for (const code of CODES) {
      const child = metric.labels({ route, code });
      if (durations === undefined) child.observe(observedValue(children.length));
      else addDurations(child, children.length, durations);
      children.push(child);
    }
  }
}

/** One observation of every series. */
export function observeAll(children: readonly Observing[]): void {
  for (const [i, child] of children.entries()) child.observe(observedValue(i));
}

/** So many durations of one series, others in each. */
export function addDurations(child: Observing, series: number, durations: number): void {
  for (let i = 0; i < durations; i++) child.observe(DURATIONS[(series * durations + i) % DURATIONS.length] as number);
}

/** Spread over all buckets, with three decimals as measured seconds have. */
function observedValue(i: number): number {
  return ((i * 7919) % 12_000) / 1000;
}
