import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { encodeBatch } from '../../src/record/batch-encoder.js';
import { aBatch, aDelta } from '../collector/a-batch.js';
import { sampleOf } from '../ship/running-cluster.js';
import { CollectProcess } from '../support/collect-process.js';
import { newFolder } from '../support/project.js';

/** What is stored is damaged while the service is not there: it recovers, or says what is wrong and does not start; it never begins with nothing. */

const BATCHES = 12;
const COUNTER = 'orders_total{job="shop",instance="here"}';

let folder: string;
/** A folder with a snapshot of the first four batches, and segments of all others. */
let stored: string;
let service: CollectProcess | undefined;

async function send(seq: number): Promise<void> {
  const delta = aDelta('counter', { name: 'orders' }, [{ labelValues: [], add: 1 }]);
  const batch = { ...aBatch(delta), seq, oldest: seq, produced: 3 * seq };
  const response = await fetch(`${service?.url}/v2/batches`, { method: 'POST', body: Buffer.from(encodeBatch(batch)) });
  expect(await response.json()).toMatchObject({ kind: 'stored' });
}

beforeAll(async () => {
  folder = await newFolder();
  stored = join(folder, 'stored');
  const args = ['--data-dir', stored];
  service = await CollectProcess.start({ args });
  for (let seq = 1; seq <= 4; seq++) await send(seq);
  // An end in order leaves a snapshot behind.
  await service.stop();
  service = await CollectProcess.start({ args });
  for (let seq = 5; seq <= BATCHES; seq++) await send(seq);
  await service.kill();
});
afterEach(async () => {
  if (service?.isRunning) await service.kill();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let copies = 0;

async function damaged(damage: (main: string, names: readonly string[]) => Promise<void>): Promise<string> {
  const copy = join(folder, `copy-${++copies}`);
  await cp(stored, copy, { recursive: true });
  const main = join(copy, 'main');
  await damage(main, (await readdir(main)).filter((name) => !name.startsWith('lock-')).sort());
  return copy;
}

async function start(data: string, ...more: string[]): Promise<CollectProcess> {
  service = await CollectProcess.start({ args: ['--data-dir', data, ...more] });
  return service;
}

async function counted({ url }: CollectProcess): Promise<number | undefined> {
  return sampleOf(await (await fetch(`${url}/metrics`)).text(), COUNTER);
}

const edit = async (path: string, change: (bytes: Buffer) => Buffer): Promise<void> => writeFile(path, change(await readFile(path)));
const segmentsIn = (names: readonly string[]): string[] => names.filter((name) => name.endsWith('.segment'));
const snapshotsIn = (names: readonly string[]): string[] => names.filter((name) => name.endsWith('.snapshot'));

/** The segment with the records behind the snapshot. */
async function lastRecords(main: string, names: readonly string[]): Promise<string> {
  const sizes = await Promise.all(segmentsIn(names).map(async (name) => [name, (await readFile(join(main, name))).length] as const));
  return join(main, sizes.filter(([, size]) => size > 64).at(-1)?.[0] ?? '');
}

test('undamaged: all is there', async () => {
  expect(await counted(await start(await damaged(async () => undefined)))).toBe(BATCHES);
});

test('torn at bytes of the last record: it is cut off, everything before is there', { timeout: 60_000 }, async () => {
  const whole = await readFile(await lastRecords(join(stored, 'main'), await readdir(join(stored, 'main'))));
  for (const missing of [1, 7, 100, 150]) {
    const data = await damaged(async (main, names) =>
      edit(await lastRecords(main, names), (bytes) => bytes.subarray(0, bytes.length - missing)),
    );
    const { log } = await start(data);
    expect(log).toContain('torn tail');
    expect(await counted(service as CollectProcess)).toBe(BATCHES - 1);
    await service?.kill();
  }
  expect(whole.length).toBeGreaterThan(1000);
});

test('a bit flipped in the middle: not started, unless loss is allowed, and then what can be read is there', {
  timeout: 60_000,
}, async () => {
  const data = await damaged(async (main, names) =>
    edit(await lastRecords(main, names), (bytes) => {
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = bytes[middle]! ^ 0x10;
      return bytes;
    }),
  );
  const refused = await start(data);
  expect([refused.exitCode, refused.log.trim().split('\n').length]).toEqual([1, 1]);
  expect(refused.log).toMatch(/is damaged at byte \d+: .*Restore the folder from a backup, or allow the loss/);
  const allowed = await start(data, '--allow-state-loss');
  expect(allowed.log).toContain('state was lost, as it was allowed');
  const rest = await counted(allowed);
  expect(rest).toBeGreaterThanOrEqual(4);
  expect(rest).toBeLessThan(BATCHES);
});

test('the snapshot damaged: the records from the beginning take its place', async () => {
  const data = await damaged(async (main, names) => {
    for (const name of snapshotsIn(names)) await edit(join(main, name), (bytes) => bytes.fill(0, Math.floor(bytes.length / 2)));
  });
  const { log } = await start(data);
  expect(log).toContain('what is older took its place');
  expect(await counted(service as CollectProcess)).toBe(BATCHES);
});

test('the snapshot and the records before it missing: not started, and never silently empty', { timeout: 60_000 }, async () => {
  const data = await damaged(async (main, names) => {
    for (const name of [...snapshotsIn(names), segmentsIn(names)[0] ?? '']) await rm(join(main, name));
  });
  const refused = await start(data);
  expect([refused.exitCode, refused.log.trim().split('\n').length]).toEqual([1, 1]);
  expect(refused.log).toMatch(/can't be restored|is missing/);
});
