import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Diagnostics } from '../../src/diagnostics/diagnostics.js';
import type { Batch, FamilyDelta } from '../../src/record/batch.js';
import { BatchDecoder } from '../../src/record/batch-decoder.js';
import type { Answer } from '../../src/record/pipe.js';
import { Producer } from '../../src/ship/producer.js';
import type { Transport } from '../../src/ship/transport.js';
import { logSink } from '../diagnostics/log-sink.js';

/** When a producer sends what, with time in hand. */

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const SCHEMA = { name: 'done', help: 'x', unit: '', divisor: 1, labelNames: [], bounds: [], states: [] };

class Stage {
  readonly sent: Batch[] = [];
  readonly wholes: boolean[] = [];
  /** Operations that wait to be drained. */
  ops = 0;
  answer: (batch: Batch) => Answer | Promise<Answer> = () => ({ kind: 'stored', epoch: 'first' });
  hello: () => Promise<{ worker: string; epoch: string }> = async () => ({ worker: '3', epoch: 'first' });
  readonly sink = logSink();
  readonly diagnostics = new Diagnostics({ logger: this.sink, clock: () => performance.now() });
  readonly producer: Producer;

  constructor(flushInterval = 1000) {
    const decoder = new BatchDecoder();
    const transport: Transport = {
      name: 'stage',
      heartbeat: 5000,
      hello: () => this.hello(),
      send: async ({ body }) => {
        const batch = decoder.decode(body);
        this.sent.push(batch);
        return this.answer(batch);
      },
      sendLast: ({ body }) => this.sent.push(decoder.decode(body)) > 0,
      gone: () => undefined,
      onFlush: () => undefined,
      expose: async () => ({ contentType: '', body: '' }),
      serve: async () => ({ role: 'delegate', url: '', close: async () => undefined }),
      close: () => undefined,
    };
    this.producer = new Producer({
      transport,
      identity: { job: 'j', instance: 'i', boot: 'b' },
      flushInterval,
      diagnostics: this.diagnostics,
      drain: async (whole) => {
        this.wholes.push(whole);
        return this.#drain();
      },
      drainNow: () => this.#drain(),
      unsent: () => this.ops,
    });
  }

  #drain(): { families: FamilyDelta[]; ops: number } {
    const { ops } = this;
    this.ops = 0;
    const rows = [{ labelValues: [], add: ops }];
    return { families: ops === 0 ? [] : [{ kind: 'counter', schema: SCHEMA, rows, removed: [] }], ops };
  }

  /** `[seq, ops]` of each batch that was sent, heartbeats too. */
  get seen(): [number, number][] {
    return this.sent.map(({ seq, ops }) => [seq, ops]);
  }
}

test('hands over each interval what has changed, and shows itself while nothing does', async () => {
  const stage = new Stage();
  stage.ops = 2;
  await vi.advanceTimersByTimeAsync(0);
  expect(stage.seen).toEqual([[1, 2]]);
  expect(stage.sent[0]).toMatchObject({
    producer: { job: 'j', instance: 'i', worker: '3', boot: 'b' },
    oldest: 1,
    heartbeat: 5000,
    whole: true,
  });
  stage.ops = 3;
  await vi.advanceTimersByTimeAsync(1000);
  expect(stage.seen.slice(1)).toEqual([[2, 3]]);
  await vi.advanceTimersByTimeAsync(5000);
  const beats = stage.sent.slice(2);
  expect(beats.length).toBeGreaterThan(0);
  for (const beat of beats) expect(beat).toMatchObject({ seq: 2, oldest: 3, ops: 0, produced: 5, families: [] });
  expect(stage.wholes.filter(Boolean)).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(stage.wholes.filter(Boolean)).toHaveLength(2);
  await stage.producer.close();
  expect(stage.sent.at(-1)).toMatchObject({ seq: 3, goodbye: true });
});

test('who hands over seldom announces that, so that nobody takes it for dead', async () => {
  const stage = new Stage(20_000);
  await vi.advanceTimersByTimeAsync(0);
  const times: number[] = [];
  stage.answer = () => {
    times.push(performance.now());
    return { kind: 'stored', epoch: 'first' };
  };
  await vi.advanceTimersByTimeAsync(200_000);
  expect(stage.sent[0]?.heartbeat).toBe(40_000);
  for (const [i, time] of times.entries()) expect(time - (times[i - 1] ?? 0)).toBeLessThanOrEqual(40_000);
  await stage.producer.close();
});

test('flush covers what was recorded while a hand-over was under way', async () => {
  const stage = new Stage();
  await vi.advanceTimersByTimeAsync(0);
  let arrived: (answer: Answer) => void = () => undefined;
  stage.answer = () =>
    new Promise((resolve) => {
      arrived = resolve;
    });
  stage.ops = 1;
  const first = stage.producer.flush();
  await vi.advanceTimersByTimeAsync(0);
  stage.ops = 5;
  let isFlushed = false;
  const second = stage.producer.flush().then(() => {
    isFlushed = true;
  });
  stage.answer = () => ({ kind: 'stored', epoch: 'first' });
  await vi.advanceTimersByTimeAsync(0);
  expect([isFlushed, stage.seen.slice(1)]).toEqual([false, [[2, 1]]]);
  arrived({ kind: 'stored', epoch: 'first' });
  await vi.advanceTimersByTimeAsync(0);
  await Promise.all([first, second]);
  expect(stage.seen.slice(1)).toEqual([
    [2, 1],
    [3, 5],
  ]);
  expect(stage.producer.delivered).toEqual({ produced: 6, confirmed: 6, dropped: 0 });
  await stage.producer.close();
});

test('while the collector is away one batch waits, tries become rarer, and everything else merges; flush gives up after 5 s', async () => {
  const stage = new Stage();
  await vi.advanceTimersByTimeAsync(0);
  stage.answer = () => Promise.reject(new Error('gone'));
  const tries: number[] = [];
  for (let second = 0; second < 120; second++) {
    stage.ops += 10;
    const before = stage.sent.length;
    await vi.advanceTimersByTimeAsync(1000);
    tries.push(stage.sent.length - before);
  }
  expect(new Set(stage.sent.slice(1).map(({ seq }) => seq))).toEqual(new Set([2]));
  expect(tries.slice(-60).reduce((sum, n) => sum + n)).toBeLessThan(16);
  expect(tries.slice(-60).reduce((sum, n) => sum + n)).toBeGreaterThan(4);
  expect(stage.sink.logged.map(({ level }) => level)).toEqual(['warn']);
  expect(stage.producer.delivered).toMatchObject({ confirmed: 0, dropped: 0 });
  const started = performance.now();
  const flushed = stage.producer.flush();
  await vi.advanceTimersByTimeAsync(6000);
  await flushed;
  expect(performance.now() - started).toBe(6000);
  stage.answer = () => ({ kind: 'stored', epoch: 'first' });
  await vi.advanceTimersByTimeAsync(11_000);
  expect(stage.producer.delivered).toEqual({ produced: 1200, confirmed: 1200, dropped: 0 });
  const kept = new Map(stage.seen.filter(([seq, ops]) => seq > 1 && ops > 0));
  expect([kept.size <= 3, [...kept.values()].reduce((sum, ops) => sum + ops)]).toEqual([true, 1200]);
  // Nobody knows what a collector kept that was away.
  expect(stage.sent.some(({ seq, whole }) => seq > 2 && whole)).toBe(true);
  await stage.producer.close();
});

test('a collector that only ever asks to wait is told after 30 s, once', async () => {
  const stage = new Stage();
  await vi.advanceTimersByTimeAsync(0);
  stage.answer = () => ({ kind: 'later', after: 500 });
  stage.ops = 1;
  await vi.advanceTimersByTimeAsync(25_000);
  expect(stage.sink.logged).toEqual([]);
  await vi.advanceTimersByTimeAsync(40_000);
  expect(stage.sink.logged.map(({ message }) => message)).toEqual([
    'the collector at stage has taken nothing for 30 s and asks to come again later. Measurements are kept and handed over when it can be reached',
  ]);
  stage.answer = () => ({ kind: 'stored', epoch: 'first' });
  await vi.advanceTimersByTimeAsync(11_000);
  expect(stage.producer.delivered).toEqual({ produced: 1, confirmed: 1, dropped: 0 });
  expect(stage.sink.logged).toHaveLength(2);
  await stage.producer.close();
});

test('what was frozen when the profiler closes in vain is told', async () => {
  const stage = new Stage();
  await vi.advanceTimersByTimeAsync(0);
  stage.answer = () => Promise.reject(new Error('gone'));
  stage.ops = 7;
  const closed = stage.producer.close();
  await vi.advanceTimersByTimeAsync(10_000);
  await closed;
  expect(stage.diagnostics.snapshot()).toContainEqual({ reason: 'ended_unconfirmed', culprit: 'stage', count: 7 });
});

test('what was never frozen when the profiler closes in vain, or the process ends, is told too', async () => {
  for (const end of [(stage: Stage) => stage.producer.close(), async (stage: Stage) => stage.producer.handOverNow(true)]) {
    const stage = new Stage();
    stage.hello = () => Promise.reject(new Error('nobody there'));
    stage.ops = 9;
    await vi.advanceTimersByTimeAsync(1000);
    const ended = end(stage);
    await vi.advanceTimersByTimeAsync(10_000);
    await ended;
    expect(stage.diagnostics.snapshot()).toContainEqual({ reason: 'ended_unsent', culprit: 'stage', count: 9 });
    expect(stage.sink.logged.at(-1)?.message).toBe(
      '9 operations could not be handed over to the collector at stage before the end; they are lost',
    );
  }
});

test('what a process that ends during an outage gives to the network is told as unconfirmed', async () => {
  const stage = new Stage();
  await vi.advanceTimersByTimeAsync(0);
  stage.answer = () => Promise.reject(new Error('gone'));
  stage.ops = 3;
  await vi.advanceTimersByTimeAsync(2000);
  stage.ops = 4;
  stage.producer.handOverNow(true);
  expect(stage.diagnostics.snapshot()).toContainEqual({ reason: 'ended_unconfirmed', culprit: 'stage', count: 7 });
});

test('an acknowledgement with another epoch asks for gauges, infos and enums anew, that of a heartbeat too', async () => {
  const stage = new Stage();
  await vi.advanceTimersByTimeAsync(0);
  stage.answer = () => ({ kind: 'stored', epoch: 'second' });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(stage.wholes.filter(Boolean)).toHaveLength(2);
  await stage.producer.close();
});

test('at the exit it says everything at once, what waits and what has changed', async () => {
  const stage = new Stage();
  await vi.advanceTimersByTimeAsync(0);
  stage.answer = () => new Promise(() => undefined);
  stage.ops = 2;
  await vi.advanceTimersByTimeAsync(1000);
  stage.ops = 4;
  stage.producer.handOverNow(true);
  expect(stage.sent.slice(-2)).toMatchObject([
    { seq: 2, ops: 2, goodbye: false },
    { seq: 3, ops: 4, goodbye: true },
  ]);
});
