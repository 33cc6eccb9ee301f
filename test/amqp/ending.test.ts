import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { eventually } from '../support/eventually.js';
import { emptyVhost } from '../support/shared-broker.js';
import { SilentPeer } from '../support/wire-peers.js';
import { MessageSink } from './messages.js';
import { ShardIngest } from './shard-ingest.js';

/** How programs end that have a broker behind them; each runs in a process of its own. */

vi.setConfig({ testTimeout: 60_000, hookTimeout: 330_000 });

let fixture: CompiledFixture;
let url: string;

beforeAll(async () => {
  fixture = await compileFixture('test/amqp/fixtures/ending.ts', { decorators: 'tc39' });
  url = await emptyVhost();
});
afterAll(() => fixture.remove());

const run = (program: string, broker = url) => fixture.run({ args: [program, broker], within: 30_000 });

test('a program with a handler ends by itself, its records handed over', async () => {
  const sink = await MessageSink.open(url);
  const { code, stdout, stderr } = await run('records');
  expect({ code, stderr, delivery: JSON.parse(stdout) as unknown }).toEqual({
    code: 0,
    stderr: '',
    delivery: { handedOver: 1, published: 1, dropped: {}, waiting: 0 },
  });
  await sink.received(1);
  await sink.close();
});

test('a peer that never answers keeps a program for the 5 s of a flush, and no longer', async () => {
  const peer = await SilentPeer.start();
  const since = performance.now();
  const { code, stdout } = await run('recordsToNobody', `amqp://127.0.0.1:${peer.port}`);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ handedOver: 1, waiting: 1 });
  expect(performance.now() - since).toBeGreaterThan(4900);
  await peer.close();
});

test('a program that hands over series ends by itself, and one that is ended in the middle hands over what it can', async () => {
  const ingest = await ShardIngest.open(url);
  const { code, stdout, stderr } = await run('series');
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  await eventually('it is applied', async () => (await ingest.sum('phanos_time_profiler_seconds_count')) === 1);

  expect(await run('exits')).toMatchObject({ code: 4, stderr: '' });
  await eventually('its last words are applied', async () => (await ingest.sum('phanos_time_profiler_seconds_count')) === 3);
  expect(ingest.answers.filter((answer) => answer !== 'stored')).toEqual([]);
  await ingest.stop();
});
