import { readFile, rename, rm, stat, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeRecord } from '../../src/collector/journal/segment.js';
import { newFolder } from '../support/project.js';
import { change, copyFolder, filesOf, flip, keep, numbered, openJournal } from './keep.js';

const HEADER = 32;
const RECORD_HEADER = 16;

let folder: string;
let directory: string;

beforeEach(async () => {
  folder = await newFolder();
  directory = join(folder, 'data');
});

afterEach(() => rm(folder, { recursive: true }));

/** A journal whose entries were each acknowledged before the next was appended. */
async function write(entries: readonly string[]): Promise<void> {
  const one = await openJournal(directory);
  for (const entry of entries) await keep(one, entry);
  await one.journal.close();
}

/** A journal whose entries were one group. */
async function writeTogether(...groups: string[][]): Promise<void> {
  const one = await openJournal(directory);
  for (const group of groups) await keep(one, ...group);
  await one.journal.close();
}

/** Entries that a start finds, and bytes that it cut off. */
async function found(path: string): Promise<{ entries: string[]; tornBytes: number }> {
  const { journal, state } = await openJournal(path);
  const { tornBytes } = journal.recovered;
  await journal.close();
  return { entries: state.entries, tornBytes };
}

/** Where each entry begins in the segment that has them all. */
function starts(entries: readonly string[]): number[] {
  let position = HEADER;
  return entries.map((entry) => {
    const start = position;
    position += RECORD_HEADER + Buffer.byteLength(entry);
    return start;
  });
}

test('torn at every byte of its last two records, it has all that were whole, and goes on from there', async () => {
  const entries = numbered(6);
  await write(entries);
  const begins = starts(entries);
  const size = (await stat(join(directory, '0000000001.segment'))).size;
  for (let end = begins[4]!; end < size; end++) {
    const copy = await copyFolder(directory, join(folder, 'copy'));
    await truncate(join(copy, '0000000001.segment'), end);
    const whole = end < begins[5]! ? 4 : 5;
    const one = await openJournal(copy);
    expect({ end, entries: one.state.entries }).toEqual({ end, entries: entries.slice(0, whole) });
    expect(one.journal.recovered).toMatchObject({ records: whole, tornBytes: end - begins[whole]! });
    const warning = 'warn: the journal had a torn tail, the unfinished write of a crash, which was cut off';
    expect(one.log).toEqual(end > begins[whole]! ? [warning] : []);
    expect((await stat(join(copy, '0000000001.segment'))).size).toBe(begins[whole]);
    await keep(one, 'new');
    await one.journal.close();
    expect(await found(copy)).toEqual({ entries: [...entries.slice(0, whole), 'new'], tornBytes: 0 });
  }
});

test('a tail of garbage or of zeros, of any length, is a torn tail', async () => {
  const entries = numbered(3);
  await write(entries);
  for (const length of [1, 15, 16, 17, 100, 5000, 2_000_000]) {
    for (const byte of [0, 0xff, 0x31]) {
      const copy = await copyFolder(directory, join(folder, 'copy'));
      await change(join(copy, '0000000001.segment'), (bytes) => Buffer.concat([bytes, Buffer.alloc(length, byte)]));
      expect(await found(copy)).toEqual({ entries, tornBytes: length });
    }
  }
});

test('a bit flipped in any byte of a record that others follow is corruption, and the error says where', async () => {
  const entries = numbered(5);
  await write(entries);
  const [, , third, fourth] = starts(entries);
  for (let position = third!; position < fourth!; position++) {
    const copy = await copyFolder(directory, join(folder, 'copy'));
    await change(join(copy, '0000000001.segment'), flip(position));
    await expect(found(copy)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining(
        `copy/0000000001.segment is damaged at byte ${third}: a record is unreadable, while a later one at byte ${fourth} is not. Restore`,
      ),
    });
  }
});

test('a bit flipped in the last record of all can not be told from a torn tail', async () => {
  const entries = numbered(5);
  await write(entries);
  for (let position = starts(entries)[4]!; position < (await stat(join(directory, '0000000001.segment'))).size; position++) {
    const copy = await copyFolder(directory, join(folder, 'copy'));
    await change(join(copy, '0000000001.segment'), flip(position));
    expect((await found(copy)).entries).toEqual(entries.slice(0, 4));
  }
});

test('a bit flipped in the header of a segment is corruption', async () => {
  await write(numbered(2));
  for (let position = 0; position < HEADER; position++) {
    const copy = await copyFolder(directory, join(folder, 'copy'));
    await change(join(copy, '0000000001.segment'), flip(position));
    await expect(found(copy)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      message: expect.stringContaining('is damaged at byte 0: '),
    });
  }
});

test('within the last group damage is told from sectors that were not written before the power failed', async () => {
  const group = numbered(100, 'an entry of the last group');
  await writeTogether(['acknowledged before'], group);
  const path = join(directory, '0000000001.segment');
  const begin = starts(['acknowledged before', 'x'])[1]!;
  const original = await readFile(path);

  await change(path, flip(1500));
  await expect(found(directory)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });

  for (const sector of [0, 1, 3]) {
    const copy = await copyFolder(directory, join(folder, 'copy'));
    await change(join(copy, '0000000001.segment'), () => Buffer.from(original).fill(0, Math.max(begin, sector * 512), (sector + 1) * 512));
    const { entries, tornBytes } = await found(copy);
    expect(entries).toEqual(['acknowledged before', ...group].slice(0, entries.length));
    expect(entries.length).toBeGreaterThan(0);
    expect(tornBytes).toBeGreaterThan(original.length - (sector + 1) * 512);
  }
});

test('a sector of zeros before the last group is corruption: that was durable', async () => {
  await writeTogether(numbered(100, 'an entry of the first group'), ['the last group']);
  await change(join(directory, '0000000001.segment'), (bytes) => bytes.fill(0, 1024, 1536));
  await expect(found(directory)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
});

test('records of this very segment inside a payload do not rise from a torn record', async () => {
  const one = await openJournal(directory);
  await keep(one, 'first');
  const path = join(directory, '0000000001.segment');
  const mark = (await readFile(path)).readUInt32LE(16);
  const inner = Buffer.alloc(RECORD_HEADER + 4);
  encodeRecord(inner, 0, mark, HEADER, 0, Buffer.from('evil'));
  await one.journal.append(Buffer.concat([inner, inner, Buffer.alloc(500)]));
  await one.journal.close();
  await truncate(path, (await stat(path)).size - 1);
  expect((await found(directory)).entries).toEqual(['first']);
});

/** Three segments with ten entries each, the third the last. */
async function threeSegments(): Promise<string[]> {
  for (const part of ['a', 'b', 'c']) {
    const one = await openJournal(directory);
    await keep(one, ...numbered(10, part));
    await one.journal.close();
  }
  expect(await filesOf(directory)).toEqual(['0000000001.segment', '0000000002.segment', '0000000003.segment']);
  return [...numbered(10, 'a'), ...numbered(10, 'b'), ...numbered(10, 'c')];
}

test('a segment that is missing is corruption, and so are two in each other’s place', async () => {
  await threeSegments();
  const copy = await copyFolder(directory, join(folder, 'copy'));
  await unlink(join(copy, '0000000002.segment'));
  await expect(found(copy)).rejects.toMatchObject({
    code: 'JOURNAL_CORRUPT',
    message: expect.stringMatching(/copy\/0000000002.segment is missing \(from its byte 0 on\)/),
  });
  await rename(join(copy, '0000000003.segment'), join(copy, '0000000002.segment'));
  await expect(found(copy)).rejects.toMatchObject({
    code: 'JOURNAL_CORRUPT',
    message: expect.stringMatching(/0000000002.segment is damaged at byte 12: it is segment 3/),
  });
});

test('without its first segment, and without a snapshot, the state is lost', async () => {
  await threeSegments();
  await unlink(join(directory, '0000000001.segment'));
  await expect(found(directory)).rejects.toMatchObject({ code: 'JOURNAL_STATE_LOST' });
});

test('a torn tail in a segment that is not the last is corruption; what lies beyond its sealed end is ignored', async () => {
  const entries = await threeSegments();
  const path = join('copy', '0000000002.segment');
  const size = (await stat(join(directory, '0000000002.segment'))).size;
  for (const end of [size - 1, size - 30, HEADER, 0]) {
    await copyFolder(directory, join(folder, 'copy'));
    await truncate(join(folder, path), end);
    await expect(found(join(folder, 'copy'))).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  }
  await copyFolder(directory, join(folder, 'copy'));
  await change(join(folder, path), flip(size - 1));
  await expect(found(join(folder, 'copy'))).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });

  await copyFolder(directory, join(folder, 'copy'));
  await change(join(folder, path), (bytes) => Buffer.concat([bytes, Buffer.from('refused, and could not be taken back')]));
  expect(await found(join(folder, 'copy'))).toEqual({ entries, tornBytes: 0 });
});

test('allowed to lose state, it has what comes before the damage, and is sound from then on', async () => {
  const entries = await threeSegments();
  await change(join(directory, '0000000002.segment'), flip(HEADER + RECORD_HEADER + 1));
  await expect(found(directory)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });

  const one = await openJournal(directory, { allowStateLoss: true });
  expect(one.state.entries).toEqual(entries.slice(0, 10));
  expect(one.journal.recovered.lost?.code).toBe('JOURNAL_CORRUPT');
  await keep(one, 'new');
  await one.journal.close();
  expect(await filesOf(directory)).toEqual([
    '0000000001.segment.lost',
    '0000000002.segment.lost',
    '0000000003.segment.lost',
    '0000000004.segment',
    '0000000004.snapshot',
  ]);
  expect((await found(directory)).entries).toEqual([...entries.slice(0, 10), 'new']);
});
