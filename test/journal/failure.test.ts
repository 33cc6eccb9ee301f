import { afterEach, expect, test } from 'vitest';
import type { JournalOptions } from '../../src/collector/journal/journal-options.js';
import { eventually } from '../support/eventually.js';
import { keep, numbered, type Opened, openJournal } from './keep.js';
import { MemoryDisk } from './memory-disk.js';

const opened: Opened[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ journal }) => journal.close()));
});

async function open(disk: MemoryDisk, options: Partial<Omit<JournalOptions, 'state'>> = {}): Promise<Opened> {
  const one = await openJournal('/data', { fs: disk.connect(), retryAfter: 1, ...options });
  opened.push(one);
  return one;
}

/** What is found after the power failed. */
async function survivors(disk: MemoryDisk): Promise<string[]> {
  disk.crash('power');
  disk.heal();
  opened.length = 0;
  return (await open(disk)).state.entries;
}

const ready = ({ journal }: Opened): Promise<unknown> => eventually('the journal is ready', () => journal.state.ready);

const failed = (message: RegExp): object => ({ code: 'JOURNAL_FAILED', message: expect.stringMatching(message) });

test('a write that fails refuses its records and all that wait; then the journal goes on in the same segment', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  await keep(one, 'before');
  disk.fail('writev', { code: 'ENOSPC', times: 4 });
  const refused = ['one', 'two'].map((entry) => one.journal.append(Buffer.from(entry)));
  const text = /^the journal in \/data takes no records \(ENOSPC: injected.*\); free some space, or give it a larger disk$/;
  for (const append of refused) await expect(append).rejects.toMatchObject(failed(text));
  expect(one.journal.state).toEqual({ ready: false, reason: expect.stringMatching(text) });
  await expect(one.journal.append(Buffer.from('three'))).rejects.toMatchObject(failed(text));
  await expect(one.journal.snapshot()).rejects.toMatchObject(failed(text));
  expect(one.journal.figures).toMatchObject({ failures: 1, pendingBytes: 0, records: 1 });

  await ready(one);
  expect(one.log.map((line) => line.split(':')[0])).toEqual(['error', ...one.log.slice(1, -1).map(() => 'debug'), 'info']);
  expect(one.log.at(-1)).toBe('info: the journal takes records again');
  await keep(one, 'after');
  expect(disk.names.filter((name) => !name.startsWith('lock'))).toEqual(['0000000001.segment']);
  expect(await survivors(disk)).toEqual(['before', 'after']);
});

test('a short write is taken back: nothing of it comes back, whatever its length', async () => {
  for (const partly of [1, 15, 16, 20, 33, 34, 40, 79]) {
    const disk = new MemoryDisk();
    const one = await open(disk);
    await keep(one, 'before');
    // A second one, for the first is asked what ails it.
    disk.fail('writev', { code: 'ENOSPC', partly, times: 1 });
    disk.fail('writev', { code: 'ENOSPC', times: 1 });
    const refused = numbered(4).map((entry) => expect(one.journal.append(Buffer.from(entry))).rejects.toMatchObject(failed(/ENOSPC/)));
    await Promise.all(refused);
    await ready(one);
    await keep(one, 'after');
    expect(await survivors(disk)).toEqual(['before', 'after']);
  }
});

test('what was written of it is gone before anybody hears of the refusal', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk, { retryAfter: 60_000 });
  await keep(one, 'before');
  const { size } = await disk.connect().stat('/data/0000000001.segment');
  disk.fail('writev', { partly: 20, times: 1 });
  disk.fail('writev', { partly: 1, times: 1 });
  await expect(one.journal.append(Buffer.from('refused'))).rejects.toMatchObject(failed(/short write: the file took 21 of 23 bytes/));
  expect((await disk.connect().stat('/data/0000000001.segment')).size).toBe(size);
});

test('after a failed sync it goes on in a new segment behind a fresh snapshot', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  await keep(one, ...numbered(10));
  disk.fail('datasync', { of: /segment/ });
  await expect(one.journal.append(Buffer.from('refused'))).rejects.toMatchObject(failed(/EIO/));
  await ready(one);
  expect(one.journal.figures).toMatchObject({ snapshots: 1, failures: 1 });
  expect(disk.names.filter((name) => !name.startsWith('lock'))).toEqual([
    '0000000001.segment',
    '0000000002.segment',
    '0000000002.snapshot',
  ]);
  await keep(one, 'after');
  expect(await survivors(disk)).toEqual([...numbered(10), 'after']);
});

test('a segment that got its name but not for certain is not passed by: it seals the one before', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  disk.fail('syncFolder', { of: /data$/ });
  await expect(one.journal.snapshot()).rejects.toMatchObject(failed(/EIO/));
  await ready(one);
  await keep(one, 'after');
  await one.journal.close();
  expect((await open(disk)).state.entries).toEqual(['after']);
});

test('what can be neither written nor taken back is sealed out, even when the snapshot behind it is lost', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  await keep(one, 'before');
  // The whole group is written, its sync fails, and so does taking it back.
  disk.fail('datasync', { of: /segment/ });
  disk.fail('truncate', { of: /segment/ });
  await expect(one.journal.append(Buffer.from('refused'))).rejects.toMatchObject(failed(/EIO/));
  await ready(one);
  await keep(one, 'after');
  await one.journal.close();
  const fs = disk.connect();
  await fs.unlink('/data/0000000002.snapshot');
  expect((await open(disk)).state.entries).toEqual(['before', 'after']);
});

test('what a start finds in memory only, after a sync that failed, is made durable before anything is built on it', async () => {
  // Of a failed sync nothing is stored, and so it is of what is not synced when the power fails.
  const disk = new MemoryDisk(() => 0.9);
  const one = await open(disk);
  await keep(one, 'before');
  disk.fail('datasync', { of: /segment/ });
  disk.fail('truncate', { of: /segment/ });
  disk.fail('open', { times: Number.POSITIVE_INFINITY });
  await expect(one.journal.append(Buffer.alloc(2000, 'refused'))).rejects.toMatchObject(failed(/EIO/));
  disk.crash('kill');
  disk.heal();
  opened.length = 0;
  const again = await open(disk);
  expect(again.state.entries).toEqual(['before', Buffer.alloc(2000, 'refused').toString()]);
  await keep(again, 'after');
  expect(await survivors(disk)).toEqual(again.state.entries);
});

test('while the disk refuses everything nothing is acknowledged, and attempts get rarer', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  await keep(one, 'before');
  for (const call of ['writev', 'datasync', 'truncate', 'open', 'rename'] as const) disk.fail(call, { times: Number.POSITIVE_INFINITY });
  await expect(one.journal.append(Buffer.from('refused'))).rejects.toMatchObject(failed(/EIO/));
  await eventually('it has tried again', () => one.log.filter((line) => line.startsWith('debug')).length >= 5);
  expect(one.journal.state.ready).toBe(false);
  await expect(one.journal.append(Buffer.from('refused too'))).rejects.toMatchObject(failed(/EIO/));
  disk.heal();
  await ready(one);
  await keep(one, 'after');
  expect(await survivors(disk)).toEqual(['before', 'after']);
});

test('a snapshot that can not be written costs nothing but space, and is tried again when more has come', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk, { snapshotBytes: 1000 });
  disk.fail('writev', { of: /snapshot/, code: 'ENOSPC', times: 2 });
  await keep(one, ...numbered(50));
  await eventually('it has failed', () => one.journal.figures.snapshotFailures === 1);
  expect(one.journal.state).toEqual({ ready: true });
  expect(one.log.at(-1)).toMatch(
    /^warn: .*could not write a snapshot \(ENOSPC.*; records are kept meanwhile, and it is tried again later$/,
  );
  await keep(one, 'a few');
  expect(one.journal.figures.snapshotFailures).toBe(1);
  await keep(one, ...numbered(20));
  await eventually('it has failed again', () => one.journal.figures.snapshotFailures === 2);
  await keep(one, ...numbered(20));
  await eventually('it has succeeded', () => one.journal.figures.snapshots === 1);
  expect(await survivors(disk)).toEqual(one.state.entries);
});

test('on a disk that can be read but not written a start has its state, and is not ready until it can', async () => {
  const disk = new MemoryDisk();
  const first = await open(disk);
  await keep(first, 'before');
  await first.journal.close();
  disk.fail('writev', { of: /segment/, code: 'ENOSPC', times: Number.POSITIVE_INFINITY });
  const one = await open(disk);
  expect(one.state.entries).toEqual(['before']);
  expect(one.journal.state).toEqual({ ready: false, reason: expect.stringMatching(/ENOSPC/) });
  await expect(one.journal.append(Buffer.from('refused'))).rejects.toMatchObject(failed(/ENOSPC/));
  disk.heal();
  await ready(one);
  await keep(one, 'after');
  expect(await survivors(disk)).toEqual(['before', 'after']);
});

test('a disk that fails while it is read is an error of its own, not damage: nothing is given up', async () => {
  const disk = new MemoryDisk();
  const first = await open(disk);
  await keep(first, 'before');
  await first.journal.snapshot();
  await keep(first, 'behind');
  await first.journal.snapshot();
  await keep(first, 'last');
  await first.journal.snapshot();
  await first.journal.close();
  disk.fail('read', { times: Number.POSITIVE_INFINITY, of: /snapshot/ });
  await expect(open(disk, { allowStateLoss: true })).rejects.toMatchObject(failed(/could not be opened \(EIO/));
  disk.heal();
  disk.fail('read', { times: 1, of: /segment/ });
  await expect(open(disk, { allowStateLoss: true })).rejects.toMatchObject(failed(/could not be opened \(EIO/));
  expect((await open(disk)).state.entries).toEqual(['before', 'behind', 'last']);
});

test('closing a journal that failed ends its attempts and frees the folder', async () => {
  const disk = new MemoryDisk();
  const one = await open(disk);
  await keep(one, 'before');
  disk.fail('datasync', { times: Number.POSITIVE_INFINITY });
  await expect(one.journal.append(Buffer.from('refused'))).rejects.toMatchObject(failed(/EIO/));
  await one.journal.close();
  disk.heal();
  const again = await open(disk);
  expect(again.state.entries[0]).toBe('before');
});
