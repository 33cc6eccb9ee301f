import * as prom from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labelKey, parseText } from '../exposition/parse-text.js';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { BOUNDS, operationsOf, STATES } from './random-operations.js';

/** The same operations through prom-client in one process, and through phanos over several workers, give the same. */

const WORKERS = 4;
const COUNT = 3000;

let fixture: CompiledFixture;

beforeAll(async () => {
  fixture = await compileFixture('test/ship/fixtures/operations.ts', { decorators: 'tc39' });
});
afterAll(() => fixture.remove());

test.each([1, 2, 3])('random operations of seed %i', { timeout: 60_000 }, async (seed) => {
  const { code, stdout, stderr } = await fixture.run({ args: [String(seed), String(WORKERS), String(COUNT)] });
  expect([code, stderr]).toEqual([0, '']);
  const expected = samplesOf(await throughPromClient(seed));
  const actual = samplesOf(stdout);
  expect(actual).toEqual(expected);
  console.log(`seed ${seed}: ${WORKERS * COUNT} operations, ${expected.length} samples, all equal`);
});

/** prom-client knows no infos and no enums; its users write them as gauges. */
async function throughPromClient(seed: number): Promise<string> {
  const registers = [new prom.Registry()];
  const shared = { help: 'x', registers };
  const counter = new prom.Counter({ ...shared, name: 'ops_total', labelNames: ['kind'] });
  const gauge = new prom.Gauge({ ...shared, name: 'level', labelNames: ['kind'] });
  const set = new prom.Gauge({ ...shared, name: 'set', labelNames: ['part'] });
  const histogram = new prom.Histogram({ ...shared, name: 'sizes', labelNames: ['kind'], buckets: [...BOUNDS] });
  const summary = new prom.Summary({ ...shared, name: 'times', labelNames: ['kind'], percentiles: [] });
  const mode = new prom.Gauge({ ...shared, name: 'mode', labelNames: ['part', 'mode'] });
  const build = new prom.Gauge({ ...shared, name: 'build_info', labelNames: ['part', 'version'] });
  for (let worker = 0; worker < WORKERS; worker++) {
    const part = String(worker);
    let version: string | undefined;
    for (const operation of operationsOf(seed, worker, COUNT)) {
      if (operation.on === 'counter') counter.inc({ kind: operation.kind }, operation.value);
      else if (operation.on === 'gauge') gauge.inc({ kind: operation.kind }, operation.value);
      else if (operation.on === 'histogram') histogram.observe({ kind: operation.kind }, operation.value);
      else if (operation.on === 'summary') summary.observe({ kind: operation.kind }, operation.value);
      else if (operation.on === 'set') set.set({ part }, operation.value);
      else if (operation.on === 'enum') for (const state of STATES) mode.set({ part, mode: state }, state === operation.state ? 1 : 0);
      else {
        if (version !== undefined) build.remove({ part, version });
        version = operation.version;
        build.set({ part, version }, 1);
      }
    }
  }
  return `${(await (registers[0] as prom.Registry).metrics()).split('\n').filter(Boolean).join('\n')}\n`;
}

function samplesOf(text: string): [sample: string, value: number][] {
  return parseText(text)
    .flatMap(({ samples }) => samples)
    .map(({ name, labels, value }): [string, number] => [name + labelKey(labels), value])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
