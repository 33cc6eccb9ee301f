import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { eventually } from '../support/eventually.js';
import { RunningCluster, sampleOf } from './running-cluster.js';

/** Workers whose primary doesn't answer: they say so once, with what to do, and keep what they count. */

let fixture: CompiledFixture;
let cluster: RunningCluster;

beforeAll(async () => {
  fixture = await compileFixture('test/ship/fixtures/silent-primary.ts', { decorators: 'tc39' });
});
afterEach(() => cluster.stop());
afterAll(() => fixture.remove());

test.each([
  ['a primary that lacks a line', {}, "if it does not use phanos, add the line `import 'phanos/primary'` to it"],
  [
    'PM2',
    { pm_id: '0', NODE_APP_INSTANCE: '0' },
    'under PM2 it is not your program: start `phanos collect --socket /tmp/phanos.sock` and give the workers ' +
      'PHANOS_COLLECTOR=unix:/tmp/phanos.sock in their environment',
  ],
] as const)('%s', { timeout: 60_000 }, async (_, env, remedy) => {
  cluster = new RunningCluster(fixture.entry, [], env);
  await cluster.line('ready', 0);
  await cluster.ask('count', 'counted');
  const reason = `the primary did not answer within 1000 ms; ${remedy}`;
  await eventually('it is reported', () =>
    cluster.stderr.includes(`${reason}. Measurements are kept and handed over when it can be reached`),
  );
  const { answers } = await cluster.ask('ask', 'answers');
  expect(answers).toEqual([reason, expect.stringContaining(remedy), expect.stringContaining(remedy)]);
  await cluster.ask('count', 'counted');
  expect(cluster.stderr.match(/Measurements are kept/g)).toHaveLength(1);

  await cluster.ask('load', 'loaded');
  await eventually('everything has come', async () => {
    const { text } = await cluster.ask('scrape', 'text');
    return sampleOf(text as string, 'done_total') === 200;
  });
});
