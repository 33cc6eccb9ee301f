import { context, TraceFlags, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { Counter, Histogram, TimeProfiler } from 'phanos';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenMetricsSample, parseOpenMetrics } from '../support/open-metrics-parser.js';
import { measured, untyped } from './measured.js';
import { openMetricsOf } from './scraped.js';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterAll(() => {
  context.disable();
});

/** Runs a function within a span. */
function inSpan<T>(run: () => T, { traceId = TRACE_ID, traceFlags = TraceFlags.SAMPLED } = {}): T {
  return context.with(trace.setSpanContext(context.active(), { traceId, spanId: SPAN_ID, traceFlags }), run);
}

/** Exemplars by sample: value and labels. Rejects what a strict parser refuses. */
async function exemplarsOf(profiler: Parameters<typeof openMetricsOf>[0]): Promise<Record<string, unknown>> {
  const [families] = await parseOpenMetrics([await openMetricsOf(profiler)]);
  const samples = families!.flatMap((family) => family.samples).filter(({ exemplar }) => exemplar !== null);
  return Object.fromEntries(samples.map(({ name, labels, exemplar }) => [keyOf(name, labels), [exemplar!.value, exemplar!.labels]]));
}

const keyOf = (name: string, { le, ...labels }: OpenMetricsSample['labels']): string =>
  [name, le, ...Object.values(labels)].filter(Boolean).join(' ');

test('[observe] one that is given by hand stands for its bucket, in exposed units, the newest first', async () => {
  const { profiler } = measured();
  const took = new Histogram({ name: 'took', units: 'mS', buckets: [10, 100], profiler });
  took.observe(5, { exemplar: { trace_id: 'a' } });
  took.observe(7, { exemplar: { trace_id: 'b', try: 2, ok: true } });
  took.observe(8);
  took.labels({}).observe(5000, { exemplar: { trace_id: 'c' } });
  const before = Date.now();
  expect(await exemplarsOf(profiler)).toEqual({
    'took_seconds_bucket 0.01': [0.007, { trace_id: 'b', try: '2', ok: 'true' }],
    'took_seconds_bucket +Inf': [5, { trace_id: 'c' }],
  });
  const [families] = await parseOpenMetrics([await openMetricsOf(profiler)]);
  const times = families![0]!.samples.flatMap(({ exemplar }) => exemplar?.timestamp ?? []);
  expect(times.every((time) => Math.abs(time * 1000 - before) < 60_000)).toBe(true);
});

test('[inc, observe] with labels, in both orders', async () => {
  const { profiler } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  sold.inc(2, { kind: 'book' }, { exemplar: { trace_id: 'a' } });
  sold.inc({ kind: 'disc' }, 3, { exemplar: { trace_id: 'b' } });
  sold.inc({ kind: 'film' }, undefined, { exemplar: { trace_id: 'c' } });
  sold.labels({ kind: 'game' }).inc(1, { exemplar: { trace_id: 'd' } });
  const took = new Histogram({ name: 'took', labelNames: ['kind'], buckets: [1], profiler });
  took.observe({ kind: 'book' }, 0.5, { exemplar: { trace_id: 'e' } });
  took.observe(2, { kind: 'book' }, { exemplar: { trace_id: 'f' } });
  const total = new Counter({ name: 'total_of_all', profiler });
  total.inc(1, { exemplar: { trace_id: 'g' } });
  expect(await exemplarsOf(profiler)).toEqual({
    'sold_total book': [2, { trace_id: 'a' }],
    'sold_total disc': [3, { trace_id: 'b' }],
    'sold_total film': [1, { trace_id: 'c' }],
    'sold_total game': [1, { trace_id: 'd' }],
    'took_bucket 1.0 book': [0.5, { trace_id: 'e' }],
    'took_bucket +Inf book': [2, { trace_id: 'f' }],
    total_of_all_total: [1, { trace_id: 'g' }],
  });
});

test('[exemplars] the running span, one for each bucket and hand-over', async () => {
  const { profiler } = measured();
  const took = new TimeProfiler({ name: 'took', buckets: [10, 100], exemplars: true, profiler });
  const sold = new Counter({ name: 'sold', exemplars: true, profiler });
  took.observe(5);
  sold.inc();
  expect(await exemplarsOf(profiler)).toEqual({});
  inSpan(() => {
    for (const value of [6, 7, 50]) took.observe(value);
    sold.inc();
  });
  const span = { trace_id: TRACE_ID, span_id: SPAN_ID };
  expect(await exemplarsOf(profiler)).toEqual({
    'took_seconds_bucket 0.01': [0.006, span],
    'took_seconds_bucket 0.1': [0.05, span],
    sold_total: [1, span],
  });
  inSpan(() => took.observe(9), { traceId: TRACE_ID.replace('0', '1') });
  took.observe(1, { exemplar: { by: 'hand' } });
  expect(await exemplarsOf(profiler)).toMatchObject({ 'took_seconds_bucket 0.01': [0.001, { by: 'hand' }], sold_total: [1, span] });
});

test('spans whose trace nobody keeps are no exemplars, and metrics that do not ask have none', async () => {
  const { profiler } = measured();
  const [asking, plain] = [new Counter({ name: 'asking', exemplars: true, profiler }), new Counter({ name: 'plain', profiler })];
  inSpan(() => asking.inc(), { traceFlags: TraceFlags.NONE });
  inSpan(() => plain.inc());
  plain.inc(1, { exemplar: {} });
  inSpan(() => plain.inc());
  expect(await exemplarsOf(profiler)).toEqual({ plain_total: [1, {}] });
});

test('[config: exemplars] the default metrics keep the span around the call', async () => {
  const { profiler } = measured({ timeProfile: true, responseSizeProfile: true, exemplars: true });
  const work = profiler.profile('shop:work', () => 'result');
  const later = profiler.profile('shop:later', async () => 'result');
  await inSpan(async () => {
    work();
    await later();
  });
  const shown = Object.values(await exemplarsOf(profiler));
  expect(shown.length).toBe(4);
  expect(shown.every((exemplar) => JSON.stringify(exemplar).includes(TRACE_ID))).toBe(true);
});

test.each([
  ['a name that Prometheus does not understand', { 'trace id': 'x' }],
  ['a NUL in its value, for which Prometheus refuses the whole scrape', { trace_id: 'a\0b' }],
  ['128 characters and one', { trace_id: 'x'.repeat(121) }],
  [
    'an object that can not be read',
    Object.defineProperty({}, 'a', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    }),
  ],
  ['a value that has no text', { a: Object.create(null) as unknown }],
  ['null', null],
])('an exemplar with %s is left out and counted, its value counts', async (_what, exemplar) => {
  const { profiler, troubles, logged } = measured();
  const sold = new Counter({ name: 'sold', profiler });
  sold.inc(3, { exemplar: untyped(exemplar) });
  sold.inc(1, { exemplar: { trace_id: 'x'.repeat(120) } });
  expect(await exemplarsOf(profiler)).toEqual({ sold_total: [1, { trace_id: 'x'.repeat(120) }] });
  expect(sold.value()).toBe(4);
  expect(troubles('exemplar')).toEqual({ sold: 1 });
  expect(logged[0]).toMatchObject({
    message: expect.stringContaining("counter 'sold': an exemplar was left out, its value counts") as string,
  });
});

test('what is no options is ignored, and labels named like them are labels', async () => {
  const { profiler, troubles } = measured();
  const sold = new Counter({ name: 'sold', labelNames: ['exemplar'], profiler });
  sold.inc(1, { exemplar: 'x' });
  sold.inc(1, { exemplar: 'x' }, untyped(5));
  sold.inc(1, { exemplar: 'x' }, untyped(null));
  sold.inc(1, { exemplar: 'x' }, {});
  expect(sold.value({ exemplar: 'x' })).toBe(4);
  const plain = new Counter({ name: 'plain', profiler });
  plain.inc(1, untyped({}));
  plain.inc(1, untyped({ other: 'x' }));
  expect([plain.value(), troubles('labels')]).toEqual([1, { plain: 1 }]);
  expect(await exemplarsOf(profiler)).toEqual({});
});

test('an API of OpenTelemetry that breaks breaks nothing', async () => {
  const { profiler } = measured();
  const sold = new Counter({ name: 'sold', exemplars: true, profiler });
  const key = Symbol.for('opentelemetry.js.api.1');
  const api = (globalThis as Record<symbol, unknown>)[key];
  try {
    for (const broken of [
      null,
      {},
      { context: {} },
      { context: { active: () => undefined } },
      { context: { active: () => ({ getValue: () => ({ spanContext: () => ({ traceId: 5, spanId: 6, traceFlags: 1 }) }) }) } },
    ]) {
      (globalThis as Record<symbol, unknown>)[key] = broken;
      sold.inc();
    }
  } finally {
    (globalThis as Record<symbol, unknown>)[key] = api;
  }
  expect([sold.value(), await exemplarsOf(profiler)]).toEqual([5, {}]);
});
