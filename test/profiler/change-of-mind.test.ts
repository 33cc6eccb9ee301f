import { type CallPath, Counter, type Profiler, RESPONSE_SIZE, TIME_PROFILER } from 'phanos';
import { describe, expect, test } from 'vitest';
import { logSink } from '../diagnostics/log-sink.js';
import { measured, untyped } from '../metrics/measured.js';

/** What may be set anew while a program runs. */

const quiet = { logger: logSink() };

describe('errorRaisedLabel', () => {
  const failing = (profiler: Profiler) => {
    const fn = profiler.profile('shop:fn', (fails: boolean) => {
      if (fails) throw new Error('failed');
    });
    return (fails: boolean) => (fails ? expect(() => fn(true)).toThrow('failed') : fn(false));
  };

  test('on: the outcome is on the default metrics and on all records, a boolean there and the last', async () => {
    const { profiler, samples, records } = measured({ timeProfile: true });
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    const call = failing(profiler);
    call(true);
    call(false);
    sold.inc({ kind: 'a' });
    expect((await records()).map(([metric, , , labels]) => [metric, Object.entries(labels)])).toEqual([
      ['time_profiler', [['error_raised', true]]],
      ['time_profiler', [['error_raised', false]]],
      [
        'sold',
        [
          ['kind', 'a'],
          ['error_raised', false],
        ],
      ],
    ]);
    const all = await samples();
    expect(Object.keys(all).filter((name) => name.includes('_count') || name.includes('sold'))).toEqual([
      'phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn",error_raised="true"}',
      'phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn",error_raised="false"}',
      'sold_total{kind="a"}',
    ]);
  });

  test('off: nowhere', async () => {
    const { profiler, samples, records } = measured({ timeProfile: true, responseSizeProfile: true, errorRaisedLabel: false });
    const call = failing(profiler);
    call(true);
    call(false);
    expect((await records()).map(([, , , labels]) => labels)).toEqual([{}, {}]);
    expect(await samples()).toMatchObject({ 'phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn"}': 2 });
    expect(Object.keys(await samples()).join()).not.toContain('error_raised');
  });

  test('switched at run time it holds from then on; nothing that was counted is lost', async () => {
    const { profiler, samples, records } = measured({ timeProfile: true });
    const call = failing(profiler);
    call(false);
    await samples();
    call(false);
    profiler.errorRaisedLabel = false;
    call(true);
    profiler.errorRaisedLabel = true;
    call(false);
    expect((await records()).map(([, , , labels]) => labels)).toEqual([
      { error_raised: false },
      { error_raised: false },
      {},
      { error_raised: false },
    ]);
    const counts = Object.entries(await samples()).filter(([name]) => name.includes('_count'));
    expect(counts).toEqual([
      ['phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn",error_raised="false"}', 3],
      ['phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn"}', 1],
    ]);
  });

  test('switched in the middle of a root call, its records all arrive, in one piece and in order', async () => {
    const { profiler, calls } = measured({ timeProfile: true });
    const child = profiler.profile('shop:child', () => 1);
    profiler.profile('shop:root', () => {
      child();
      profiler.errorRaisedLabel = false;
      child();
    })();
    expect(calls.map(({ metric, records }) => [metric, records.map(({ method, labels }) => [method, labels])])).toEqual([
      [
        'time_profiler',
        [
          ['shop:root.child', { error_raised: false }],
          ['shop:root.child', {}],
          ['shop:root', {}],
        ],
      ],
    ]);
  });
});

describe('config again', () => {
  test('sets what is given and takes the defaults for the rest; metrics and handlers stay, totals go on', async () => {
    const { profiler, samples, records, logged } = measured({ timeProfile: true, recordLimit: 1, errorRaisedLabel: false });
    const sold = new Counter({ name: 'sold', profiler });
    const fn = profiler.profile('shop:fn', () => sold.inc());
    fn();
    await samples();
    profiler.config({ job: 'again', logger: quiet.logger, responseSizeProfile: false, errorRaisedLabel: false });
    expect(logged).toEqual([]);
    fn();
    expect([profiler.job, [...profiler.handlers.keys()]]).toEqual(['again', ['kept']]);
    expect(await records()).toHaveLength(4);
    expect(await samples()).toMatchObject({
      sold_total: 2,
      'phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn"}': 2,
    });
  });

  test('can turn a default metric off and on', async () => {
    const { profiler, samples } = measured({ timeProfile: true, withoutHandler: true });
    const fn = profiler.profile('shop:fn', () => 1);
    fn();
    profiler.config({ ...quiet, timeProfile: false, responseSizeProfile: false });
    fn();
    expect([await samples(), profiler.registeredMetrics.size]).toEqual([{}, 0]);
    profiler.config({ ...quiet, responseSizeProfile: false });
    fn();
    expect(Object.entries(await samples()).filter(([name]) => name.includes('_count'))).toEqual([
      ['phanos_time_profiler_seconds_count{method="shop:fn",function="shop.fn",error_raised="false"}', 1],
    ]);
  });

  test.each<[CallPath, CallPath]>([
    ['full', 'root'],
    ['full', 'off'],
    ['root', 'full'],
  ])('callPath from %s to %s: series of the old form leave, those of the new one begin at 0', async (before, after) => {
    const { profiler, samples } = measured({ timeProfile: true, errorRaisedLabel: false, callPath: before });
    const fn = profiler.profile('shop:fn', (depth: number): number => (depth === 0 ? 0 : fn(depth - 1)));
    const counts = async (): Promise<object> =>
      Object.fromEntries(Object.entries(await samples()).filter(([name]) => name.includes('_count')));
    const label = (method: string): string =>
      `phanos_time_profiler_seconds_count{${method === '' ? '' : `method="${method}",`}function="shop.fn"}`;
    const forms = {
      full: { [label('shop:fn')]: 1, [label('shop:fn.fn')]: 1 },
      root: { [label('shop:fn')]: 2 },
      off: { [label('')]: 2 },
    };
    fn(1);
    expect(await counts()).toEqual(forms[before]);
    fn(1);
    profiler.config({ ...quiet, responseSizeProfile: false, errorRaisedLabel: false, callPath: after });
    fn(1);
    expect(await counts()).toEqual(forms[after]);
  });

  test("a user's metric of a default one's name stays, with a warning", async () => {
    const { profiler, logged, samples } = measured();
    const mine = new Counter({ name: TIME_PROFILER, profiler });
    mine.inc();
    profiler.config({ logger: { ...logSink(), warn: (_fields, message) => void logged.push(untyped({ message })) } });
    expect(logged.map(({ message }) => message)).toContain(
      "metric 'time_profiler' is one of yours and stays, so phanos's own of that name is not there; give yours another name, or switch timeProfile off",
    );
    profiler.profile('shop:fn', () => mine.inc())();
    expect([profiler.getMetric(TIME_PROFILER), await samples()]).toEqual([mine, expect.objectContaining({ time_profiler_total: 2 })]);
    profiler.deleteMetrics();
    expect([...profiler.registeredMetrics.keys()]).toEqual([RESPONSE_SIZE]);
  });
});
