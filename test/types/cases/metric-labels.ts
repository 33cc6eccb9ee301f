// A label that is missing, misspelt or of a wrong type is a compile error, in either order of arguments.
import {
  Counter,
  type CounterChild,
  Enum,
  type EnumChild,
  Gauge,
  type GaugeChild,
  Histogram,
  type HistogramChild,
  Info,
  type InfoChild,
  type Labels,
  type Observed,
  ResponseSize,
  Summary,
  type SummaryChild,
  TimeProfiler,
} from 'phanos';
import { type Same, same } from './same.js';

const plain = new Counter({ name: 'plain' });
const sold = new Counter({ name: 'sold', labelNames: ['kind', 'shop'] });
const depth = new Gauge({ name: 'depth', labelNames: ['queue'] });
const level = new Gauge({ name: 'level' });
const time = new Histogram({ name: 'time', labelNames: ['route'], buckets: [1, 2] });
const size = new Summary({ name: 'size', labelNames: ['route'] });
const build = new Info({ name: 'build', labelNames: ['part'] });
const facts = new Info({ name: 'facts' });
const mood = new Enum({ name: 'mood', labelNames: ['who'], states: ['bad', 'good'] });
const phase = new Enum({ name: 'phase', states: ['new', 'old'] });
const timer = new TimeProfiler({ name: 'timer', labelNames: ['route'] });
const bytes = new ResponseSize({ name: 'bytes', labelNames: ['route'] });

same<Same<typeof plain, Counter<never>>>();
same<Same<typeof sold, Counter<'kind' | 'shop'>>>();
same<Same<typeof depth, Gauge<'queue'>>>();
same<Same<typeof mood, Enum<'who', 'bad' | 'good'>>>();
same<Same<typeof timer, TimeProfiler<'route'>>>();
same<Same<(typeof sold)['labelNames'], readonly ('kind' | 'shop')[]>>();
same<Same<Labels<'a' | 'b'>, Readonly<Record<'a' | 'b', string | number | boolean>>>>();

// Label names from elsewhere.
const names = ['kind', 'shop'] as const;
export const fromConst: Counter<'kind' | 'shop'> = new Counter({ name: 'fromConst', labelNames: names });
declare const anyNames: string[];
export const fromStrings: Counter<string> = new Counter({ name: 'fromStrings', labelNames: anyNames });
fromStrings.inc(1, { whatever: 'x' });

// Without labels.
plain.inc();
plain.inc(2);
level.set(1);
level.dec();
facts.info({ version: '1', major: 1, stable: true });
phase.state('old');
export const total: number = plain.value();
// @ts-expect-error no labels are declared
plain.inc(1, { kind: 'book' });
// @ts-expect-error no labels are declared, in the other order
plain.inc({ kind: 'book' });
// @ts-expect-error a value of a wrong type
plain.inc('1');
// @ts-expect-error no labels are declared
plain.value({ kind: 'book' });
// @ts-expect-error a gauge is set to something
level.set();
// @ts-expect-error no labels are declared
level.set(1, { queue: 'a' });
// @ts-expect-error no such state
phase.state('middle');
// @ts-expect-error no labels are declared
phase.state('old', { who: 'me' });
// @ts-expect-error no labels are declared
facts.info({ version: '1' }, { part: 'a' });

// With labels, in Python's order and in prom-client's.
sold.inc(1, { kind: 'book', shop: 'corner' });
sold.inc({ kind: 'book', shop: 'corner' }, 1);
sold.inc({ kind: 'book', shop: 'corner' });
sold.inc(1, { kind: 1, shop: true });
depth.set({ queue: 'a' }, 1);
depth.inc({ queue: 'a' });
depth.dec(2, { queue: 'a' });
time.observe(1.5, { route: '/' });
time.observe({ route: '/' }, 1.5);
size.observe(1, { route: '/' });
build.info({ version: '1' }, { part: 'a' });
mood.state('good', { who: 'me' });
mood.state({ who: 'me' }, 'good');
timer.observe(1, { route: '/' });
bytes.observe({ route: '/' }, 1);
// @ts-expect-error no labels
sold.inc(1);
// @ts-expect-error nothing at all
sold.inc();
// @ts-expect-error a missing label
sold.inc(1, { kind: 'book' });
// @ts-expect-error a missing label, in the other order
sold.inc({ kind: 'book' }, 1);
// @ts-expect-error one label too many
sold.inc(1, { kind: 'book', shop: 'corner', size: 'big' });
// @ts-expect-error one label too many, in the other order
sold.inc({ kind: 'book', shop: 'corner', size: 'big' });
// @ts-expect-error a misspelt label
sold.inc(1, { kind: 'book', shpo: 'corner' });
// @ts-expect-error labels twice
sold.inc({ kind: 'book', shop: 'corner' }, { kind: 'book', shop: 'corner' });
// @ts-expect-error the value twice
sold.inc(1, 1);
// @ts-expect-error a label value of a wrong type
sold.inc(1, { kind: ['book'], shop: 'corner' });
// @ts-expect-error a label value that may be missing
sold.inc(1, { kind: 'book' as string | undefined, shop: 'corner' });
// @ts-expect-error no label is null
sold.inc(1, { kind: null, shop: 'corner' });
// @ts-expect-error an observation without a value
time.observe({ route: '/' });
// @ts-expect-error an observation of a wrong type
time.observe('1', { route: '/' });
// @ts-expect-error a missing label
time.observe(1);
// @ts-expect-error a missing label
size.observe(1, {});
// @ts-expect-error a missing label
depth.set(1);
// @ts-expect-error another metric's label
depth.set(1, { route: '/' });
// @ts-expect-error a missing label
build.info({ version: '1' });
// @ts-expect-error pairs are text, numbers or booleans
build.info({ version: ['1'] }, { part: 'a' });
// @ts-expect-error no such state
mood.state('great', { who: 'me' });
// @ts-expect-error a missing label
mood.state('good');
// @ts-expect-error a missing label
timer.observe(1);

// Child handles, values, removal.
export const soldBooks: CounterChild = sold.labels({ kind: 'book', shop: 'corner' });
export const deep: GaugeChild = depth.labels({ queue: 'a' });
export const timed: HistogramChild = time.labels({ route: '/' });
export const sized: SummaryChild = size.labels({ route: '/' });
export const built: InfoChild = build.labels({ part: 'a' });
export const moody: EnumChild<'bad' | 'good'> = mood.labels({ who: 'me' });
soldBooks.inc();
soldBooks.inc(2);
deep.set(1);
timed.observe(1);
moody.state('bad');
export const value: number = sold.value({ kind: 'book', shop: 'corner' });
export const observed: Observed = time.value({ route: '/' });
export const state: 'bad' | 'good' | undefined = mood.value({ who: 'me' });
export const removed: boolean = sold.remove({ kind: 'book', shop: 'corner' });
const stop = time.startTimer();
export const duration: number = stop({ route: '/' });
export const durationToo: number = time.startTimer({ route: '/' })();
// @ts-expect-error a missing label
sold.labels({ kind: 'book' });
// @ts-expect-error one label too many
sold.labels({ kind: 'book', shop: 'corner', size: 'big' });
// @ts-expect-error a child has its labels
soldBooks.inc(1, { kind: 'book', shop: 'corner' });
// @ts-expect-error a gauge's child is set to something
deep.set();
// @ts-expect-error no such state
moody.state('great');
// @ts-expect-error a missing label
sold.value();
// @ts-expect-error a missing label
sold.value({ kind: 'book' });
// @ts-expect-error a missing label
sold.remove({ kind: 'book' });
// @ts-expect-error no such label
time.startTimer({ path: '/' });

// Definitions.
// @ts-expect-error every metric has a name
new Counter({ labelNames: ['kind'] });
// @ts-expect-error an unknown option
new Counter({ name: 'sold', label: ['kind'] });
// @ts-expect-error names are text
new Counter({ name: 'sold', labelNames: [1] });
// @ts-expect-error names come in an array
new Counter({ name: 'sold', labelNames: 'kind' });
// @ts-expect-error buckets are for histograms
new Counter({ name: 'sold', buckets: [1, 2] });
// @ts-expect-error bounds are numbers
new Histogram({ name: 'time', buckets: ['1'] });
// @ts-expect-error an enum has states
new Enum({ name: 'mood' });
// @ts-expect-error constant labels are text
new Counter({ name: 'sold', labels: { zone: 1 } });
// @ts-expect-error a profiler, or null for none
new Counter({ name: 'sold', profiler: 'default' });

// A collect function gets the gauge with its labels.
new Gauge({ name: 'collected', labelNames: ['queue'], collect: (gauge) => gauge.set(1, { queue: 'a' }) });
new Gauge({ name: 'collected', collect: async (gauge) => gauge.set(await Promise.resolve(1)) });
// @ts-expect-error a missing label
new Gauge({ name: 'collected', labelNames: ['queue'], collect: (gauge) => gauge.set(1) });
