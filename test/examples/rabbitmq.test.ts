import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { CollectProcess } from '../support/collect-process.js';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { Prometheus } from '../support/prometheus.js';
import { outputOf } from '../support/run-program.js';
import { emptyVhost } from '../support/shared-broker.js';
import { CompiledExamples } from './compiled-examples.js';

let examples: CompiledExamples;
let folder: string;
let collector: CollectProcess | undefined;
let prometheus: Prometheus | undefined;

beforeAll(async () => {
  examples = await CompiledExamples.make();
  return () => examples.remove();
});
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(async () => {
  await prometheus?.stop();
  await collector?.stop();
  await rm(folder, { recursive: true });
});

test('two services and a Python-shaped sender behind one broker and one collector, in one Prometheus', { timeout: 400_000 }, async () => {
  const url = await emptyVhost();
  collector = await CollectProcess.start({ args: ['--data-dir', join(folder, 'data'), '--amqp', url] });
  const service = collector;
  await eventually('it reads its queues', async () => (JSON.parse(await service.get('/-/ready')) as { ready: boolean }).ready, 60_000);
  const target = new URL(service.url).host;
  prometheus = await Prometheus.start([{ job_name: 'phanos', honor_labels: true, static_configs: [{ targets: [target] }] }]);
  const database = prometheus;

  const run = (name: string, env: Record<string, string>) => outputOf(process.execPath, [join(examples.folder, 'rabbitmq', name)], { env });
  expect(await run('orders.js', { PHANOS_COLLECTOR: url, PHANOS_INSTANCE: 'web-1' })).toBe('10 orders\n');
  expect(await run('invoices.js', { AMQP_URL: url })).toBe('20 invoices {"handedOver":40,"published":40,"dropped":{},"waiting":0}\n');
  expect(await run('python-shaped.js', { AMQP_URL: url })).toBe('30 reports\n');

  const calls = async (): Promise<Record<string, number>> => {
    const counts = await database.query('sum by (job, method, instance, error_raised) (phanos_time_profiler_seconds_count)');
    return Object.fromEntries(
      counts.map(({ metric, value }) => [`${metric.job} ${metric.method} ${metric.error_raised} ${metric.instance ?? ''}`.trim(), value]),
    );
  };
  const expected = {
    'orders Orders:place false web-1': 10,
    'orders Orders:place.#confirm false web-1': 10,
    'invoices invoices:total false': 20,
    'reports Report:render false': 27,
    'reports Report:render true': 3,
    'reports Report:render.load false': 27,
    'reports Report:render.load true': 3,
  };
  await eventually('Prometheus has them', async () => Object.keys(await calls()).length === Object.keys(expected).length, 30_000);
  expect(await calls()).toEqual(expected);
  expect(await database.query('sum by (kind) (orders_sold_total)')).toEqual([
    { metric: { kind: 'book' }, value: 5 },
    { metric: { kind: 'pen' }, value: 5 },
  ]);
  expect(await database.query('{exported_job!=""} or {exported_instance!=""}')).toEqual([]);
});
