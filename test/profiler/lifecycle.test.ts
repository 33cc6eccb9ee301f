import { Counter, Gauge, Profiler } from 'phanos';
import { describe, expect, test } from 'vitest';
import { ask } from '../collector/http.js';
import { logSink } from '../diagnostics/log-sink.js';
import { measured, samplesOf } from '../metrics/measured.js';

const logger = logSink();

describe('before config', () => {
  test('metrics count and show; calls are not measured, and no records are made', async () => {
    const profiler = new Profiler();
    const seen: string[] = [];
    profiler.addHandler({ handlerName: 'a', handle: (_records, metric) => void seen.push(metric) });
    const sold = new Counter({ name: 'sold', profiler });
    const sell = profiler.profile('shop:sell', () => sold.inc());
    sell();
    await profiler.ready();
    expect(await samplesOf(profiler)).toEqual({ sold_total: 1 });
    await profiler.flush();
    expect(seen).toEqual([]);
    profiler.config({ logger, responseSizeProfile: false });
    sell();
    expect(await samplesOf(profiler)).toMatchObject({
      sold_total: 2,
      'phanos_time_profiler_seconds_count{method="shop:sell",function="shop.sell",error_raised="false"}': 1,
    });
    await profiler.flush();
    expect(seen).toEqual(['sold', 'time_profiler']);
  });

  test('what was counted before anybody asked is there', async () => {
    const profiler = new Profiler();
    const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
    sold.inc({ kind: 'before' });
    profiler.config({ logger, timeProfile: false, responseSizeProfile: false });
    sold.inc({ kind: 'after' });
    expect(await samplesOf(profiler)).toEqual({ 'sold_total{kind="before"}': 1, 'sold_total{kind="after"}': 1 });
  });

  test('close closes handlers and servers all the same', async () => {
    const profiler = new Profiler();
    let closed = 0;
    profiler.addHandler({ handlerName: 'a', handle: () => undefined, close: async () => void closed++ });
    const { url } = await profiler.serve({ port: 0 });
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
    await profiler.close();
    expect(closed).toBe(1);
    await expect(fetch(`${url}/metrics`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
  });

  test('hooks and handlers that are set before are there after', () => {
    const profiler = new Profiler();
    const seen: string[] = [];
    profiler.beforeFunc = () => void seen.push('before');
    profiler.addHandler({ handlerName: 'a', handle: (_records, metric) => void seen.push(metric) });
    profiler.config({ logger, responseSizeProfile: false });
    profiler.profile('shop:fn', () => 1)();
    expect(seen).toEqual(['before', 'time_profiler']);
  });
});

describe('close', () => {
  test('flushes: records of ended calls and of outside reach the handlers, then these are closed, in that order', async () => {
    const profiler = new Profiler();
    const order: string[] = [];
    const handler = {
      handlerName: 'a',
      handle: (records: readonly unknown[], metric: string) => void order.push(`${metric} ${records.length}`),
      flush: async () => void order.push('flush'),
      close: async () => void order.push('close'),
    };
    profiler.config({ logger, timeProfile: false, responseSizeProfile: false, handlers: [handler] });
    const sold = new Counter({ name: 'sold', profiler });
    sold.inc();
    sold.inc();
    await profiler.close();
    expect(order).toEqual(['sold 2', 'flush', 'close']);
    expect(profiler.handlers.size).toBe(0);
  });

  test('waits for asynchronous handlers', async () => {
    const profiler = new Profiler();
    const seen: string[] = [];
    const handler = {
      handlerName: 'slow',
      async handle(_records: readonly unknown[], metric: string) {
        for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
        seen.push(metric);
      },
    };
    profiler.config({ logger, timeProfile: false, responseSizeProfile: false, handlers: [handler] });
    new Counter({ name: 'one', profiler }).inc();
    new Counter({ name: 'two', profiler }).inc();
    await profiler.close();
    expect(seen).toEqual(['one', 'two']);
  });

  test('afterwards profiled functions just run, metrics go on counting, and all can still be read', async () => {
    const { profiler, calls } = measured({ timeProfile: true });
    const sold = new Counter({ name: 'sold', profiler });
    const sell = profiler.profile('shop:sell', () => {
      sold.inc();
      return profiler.currentNode.context;
    });
    expect(sell()).toBe('shop:sell');
    await profiler.close();
    const before = calls.length;
    expect(sell()).toBe('');
    expect(calls).toHaveLength(before);
    expect(await samplesOf(profiler)).toMatchObject({
      sold_total: 2,
      'phanos_time_profiler_seconds_count{method="shop:sell",function="shop.sell",error_raised="false"}': 1,
    });
  });

  test('config opens it again, and totals go on', async () => {
    const { profiler, samples } = measured({ timeProfile: true });
    const sold = new Counter({ name: 'sold', profiler });
    const sell = profiler.profile('shop:sell', () => sold.inc());
    sell();
    await samples();
    await profiler.close();
    profiler.config({ logger, responseSizeProfile: false });
    sell();
    expect(await samples()).toMatchObject({
      sold_total: 2,
      'phanos_time_profiler_seconds_count{method="shop:sell",function="shop.sell",error_raised="false"}': 2,
    });
    const { url } = await profiler.serve({ port: 0 });
    expect(await (await fetch(`${url}/metrics`)).text()).toContain('sold_total 2\n');
    await profiler.close();
  });

  test('twice, at once or later, is once', async () => {
    const { profiler } = measured({ withoutHandler: true });
    let closed = 0;
    profiler.addHandler({
      handlerName: 'slow',
      handle: () => undefined,
      async close() {
        await new Promise((resolve) => setImmediate(resolve));
        closed++;
      },
    });
    const done: number[] = [];
    await Promise.all(
      [1, 2].map(async (n) => {
        await profiler.close();
        done.push(n, closed);
      }),
    );
    await profiler.close();
    expect([done, closed]).toEqual([[1, 1, 2, 1], 1]);
  });

  test.each(['at once', 'flush', 'close'])('config meanwhile (%s): what it had is closed, what is given then stays', async (when) => {
    const { profiler } = measured({ withoutHandler: true, timeProfile: true });
    const seen: string[] = [];
    let reach = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      reach = resolve;
    });
    const slowly = (step: string) => async (): Promise<void> => {
      seen.push(step);
      if (step === when) reach();
      for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${step} done`);
    };
    profiler.addHandler({ handlerName: 'old', handle: () => void seen.push('old'), flush: slowly('flush'), close: slowly('close') });
    const { url } = await profiler.serve({ port: 0 });
    const fn = profiler.profile('shop:fn', () => 1);
    fn();
    const closing = profiler.close();
    if (when !== 'at once') await reached;
    expect(seen).not.toContain('close done');
    const handlers = [{ handlerName: 'new', handle: () => void seen.push('new'), close: async () => void seen.push('new closed') }];
    profiler.config({ logger, responseSizeProfile: false, handlers });
    fn();
    const again = await profiler.serve({ port: 0 });
    await closing;
    expect(seen).toEqual(expect.arrayContaining(['old', 'flush done', 'close done', 'new']));
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect((await ask(`${again.url}/metrics`)).body).toContain('function="shop.fn",error_raised="false"} 2\n');
    fn();
    const calls = (): string[] => seen.filter((one) => one === 'new' || one === 'old');
    expect([calls(), [...profiler.handlers.keys()]]).toEqual([['old', 'new', 'new'], ['new']]);
    await profiler.close();
    fn();
    expect([seen.at(-1), calls()]).toEqual(['new closed', ['old', 'new', 'new']]);
    await expect(ask(again.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test("a profiler with collector 'off' does not begin to count", async () => {
    const profiler = new Profiler();
    profiler.config({ logger, collector: 'off' });
    const sold = new Counter({ name: 'sold', profiler });
    sold.inc();
    await profiler.close();
    sold.inc();
    expect(sold.value()).toBe(0);
    profiler.config({ logger, timeProfile: false, responseSizeProfile: false });
    sold.inc();
    expect([sold.value(), await samplesOf(profiler)]).toEqual([1, { sold_total: 1 }]);
  });

  test('calls that are under way end as they would', async () => {
    const { profiler } = measured({ timeProfile: true });
    let goOn!: () => void;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const work = profiler.profile('shop:work', async () => {
      await gate;
      return 'done';
    });
    const running = work();
    await profiler.close();
    goOn();
    expect(await running).toBe('done');
  });
});

describe('flush', () => {
  test('hands over what was recorded outside of calls, and asks the gauges', async () => {
    const { profiler, calls, samples } = measured();
    let asked = 0;
    new Gauge({ name: 'level', collect: (gauge) => gauge.set(++asked), profiler });
    new Counter({ name: 'sold', profiler }).inc();
    await samples();
    await profiler.flush();
    expect(calls.map(({ metric }) => metric)).toEqual(['sold']);
    expect(asked).toBe(2);
  });

  test('without anything to flush it is just done, whatever is configured', async () => {
    expect(await new Profiler().flush()).toBeUndefined();
    expect(await new Profiler().config({ logger, collector: 'off' }).flush()).toBeUndefined();
  });
});

test('the numbers of operations on the page of the collector itself are right', async () => {
  const { profiler } = measured({ withoutHandler: true, timeProfile: true });
  const sold = new Counter({ name: 'sold', labelNames: ['kind'], profiler });
  const plain = new Counter({ name: 'plain', profiler });
  profiler.addMetric(plain);
  const { url } = await profiler.serve({ port: 0 });
  const operations = async (): Promise<number> => {
    await profiler.metrics();
    const text = await (await fetch(`${url}/-/metrics`)).text();
    return Number(/^phanos_collector_operations_total (\d+)$/m.exec(text)?.[1]);
  };
  for (let i = 0; i < 3; i++) sold.inc({ kind: 'a' });
  plain.inc();
  profiler.profile('shop:fn', () => 1)();
  expect(await operations()).toBe(5);
  sold.inc({ kind: 'b' });
  sold.remove({ kind: 'b' });
  sold.labels({ kind: 'b' }).inc();
  plain.inc();
  expect(await operations()).toBe(7);
  await profiler.close();
});
