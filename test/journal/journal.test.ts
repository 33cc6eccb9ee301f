import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal } from '../../src/collector/journal/journal.js';
import { type JournalFs, nodeFs } from '../../src/collector/journal/journal-fs.js';
import type { JournalOptions } from '../../src/collector/journal/journal-options.js';
import { newFolder } from '../support/project.js';
import { keep, numbered, openJournal } from './keep.js';
import { ListState } from './list-state.js';

let directory: string;
const opened: Journal[] = [];

beforeEach(async () => {
  directory = await newFolder();
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((journal) => journal.close()));
  await rm(directory, { recursive: true });
});

async function open(state = new ListState(), options: Partial<JournalOptions> = {}): Promise<Journal> {
  const { journal } = await openJournal(directory, { ...options, state });
  opened.push(journal);
  return journal;
}

test('what was appended is replayed at the next start, in its order', async () => {
  const state = new ListState();
  const journal = await open(state);
  expect(journal.recovered).toMatchObject({ snapshot: undefined, records: 0, segments: 0, tornBytes: 0 });
  await keep({ journal, state }, ...numbered(1000));
  await keep({ journal, state }, 'the last');
  await journal.close();

  const next = new ListState();
  const again = await open(next);
  expect(next.entries).toEqual([...numbered(1000), 'the last']);
  expect(next.restored).toBeUndefined();
  expect(again.recovered).toMatchObject({ snapshot: undefined, records: 1001, segments: 1, tornBytes: 0, badSnapshots: [] });
});

test('payloads of any bytes and sizes survive: empty ones, larger ones than a chunk, those that look like the journal itself', async () => {
  const payloads = [
    Buffer.alloc(0),
    Buffer.alloc(3 << 20, 7),
    Buffer.alloc(1 << 20, 'PHANOSJ\n'),
    Buffer.from([0]),
    Buffer.alloc((1 << 20) - 16, 1),
  ];
  const journal = await open();
  await Promise.all(payloads.map((payload) => journal.append(payload)));
  await journal.close();

  const found: Buffer[] = [];
  const state = Object.assign(new ListState(), { replay: (payload: Buffer) => void found.push(payload) });
  await open(state);
  expect(found.map((payload) => payload.length)).toEqual(payloads.map((payload) => payload.length));
  expect(found.every((payload, n) => payload.equals(payloads[n]!))).toBe(true);
});

test('what is appended together is written together, acknowledged in order, and copied at once', async () => {
  const journal = await open();
  const order: number[] = [];
  const payload = Buffer.from('0');
  const all = Array.from({ length: 10 }, async (_, n) => {
    payload.write(String(n));
    await journal.append(payload);
    order.push(n);
  });
  expect(journal.figures).toMatchObject({ records: 0, pendingBytes: 170 });
  await Promise.all(all);
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(journal.figures).toMatchObject({ records: 10, bytes: 170, groups: 1, pendingBytes: 0, bytesBehind: 170 });
  await journal.close();
  const state = new ListState();
  await open(state);
  expect(state.entries).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
});

test('with durability none nothing is synced for a record, and a start finds it all the same', async () => {
  const { fs, calls } = countingFs();
  const state = new ListState();
  const journal = await open(state, { durability: 'none', fs });
  calls.length = 0;
  await keep({ journal, state }, ...numbered(20));
  expect(calls).toEqual(['writev']);
  await journal.close();
  const next = new ListState();
  await open(next, { durability: 'none' });
  expect(next.entries).toEqual(numbered(20));
});

test('with durability group a group is acknowledged behind its sync', async () => {
  const { fs, calls } = countingFs();
  const journal = await open(new ListState(), { fs });
  calls.length = 0;
  await journal.append(Buffer.from('one')).then(() => calls.push('acknowledged'));
  expect(calls).toEqual(['writev', 'datasync', 'acknowledged']);
});

test('beyond the limit of what waits for the disk an append is refused as busy; one record always passes', async () => {
  const journal = await open(new ListState(), { pendingBytes: 1000 });
  const first = journal.append(Buffer.alloc(5000));
  await expect(journal.append(Buffer.alloc(10))).rejects.toMatchObject({
    code: 'JOURNAL_BUSY',
    message: expect.stringMatching(/^5016 bytes already wait for the disk of .*; try again/),
  });
  await first;
  await journal.append(Buffer.alloc(10));
  expect(journal.figures).toMatchObject({ records: 2, busy: 1 });
});

test('what is appended before close is kept, what comes later is refused', async () => {
  const journal = await open();
  const before = journal.append(Buffer.from('before'));
  const closing = journal.close();
  await expect(journal.append(Buffer.from('after'))).rejects.toMatchObject({ code: 'CLOSED' });
  await expect(journal.snapshot()).rejects.toMatchObject({ code: 'CLOSED' });
  expect(journal.state).toEqual({ ready: false, reason: `the journal in ${directory} is closed` });
  await before;
  await closing;
  await journal.close();
  const state = new ListState();
  await open(state);
  expect(state.entries).toEqual(['before']);
});

test('starts that come to nothing leave one empty segment, not one each', async () => {
  for (let start = 0; start < 5; start++) await (await open()).close();
  expect(await readdir(directory)).toEqual(['0000000001.segment']);
});

test('a folder below one that does not exist is made', async () => {
  const journal = await open(new ListState(), { directory: join(directory, 'a/b') });
  await journal.append(Buffer.from('x'));
  expect(await readdir(join(directory, 'a/b'))).toContain('0000000001.segment');
});

test('a folder that can not be made is a clear error', async () => {
  await writeFile(join(directory, 'file'), '');
  await expect(open(new ListState(), { directory: join(directory, 'file/data') })).rejects.toMatchObject({
    code: 'JOURNAL_FAILED',
    message: expect.stringMatching(/^the journal in \S+file\/data could not be opened \(ENOTDIR/),
  });
});

test('what replay and restore throw comes through, and the folder is free again', async () => {
  const journal = await open();
  await journal.append(Buffer.from('x'));
  await journal.close();
  const broken = Object.assign(new ListState(), {
    replay: () => {
      throw new SyntaxError('not my payload');
    },
  });
  await expect(open(broken)).rejects.toThrow(new SyntaxError('not my payload'));
  await open();
});

test('wrong arguments are refused by name', async () => {
  const bad = (options: object): Promise<unknown> => Journal.open({ directory, state: new ListState(), ...options });
  const refusals = async (...calls: Promise<unknown>[]): Promise<string[]> =>
    (await Promise.allSettled(calls)).map((call) => (call.status === 'rejected' ? String(call.reason) : 'no error'));
  const journal = await open();
  expect(
    await refusals(
      bad({ directory: '' }),
      bad({ durability: 'fsync' }),
      bad({ snapshotByte: 1 }),
      bad({ pendingBytes: 0 }),
      bad({ state: {} }),
      journal.append('text' as unknown as Buffer),
      journal.append(Buffer.alloc((64 << 20) + 1)),
    ),
  ).toEqual([
    "TypeError: Journal: directory must be a non-empty string, got ''",
    "TypeError: Journal: durability must be 'group' or 'none', got 'fsync'",
    "TypeError: Journal: unknown option 'snapshotByte', did you mean 'snapshotBytes'?",
    'RangeError: Journal: pendingBytes must be at least 1, got 0',
    'TypeError: Journal: state must be an object with the methods restore, replay, beginSnapshot, got an object without restore, replay, beginSnapshot',
    "TypeError: append: the payload must be a Buffer or Uint8Array, got 'text'",
    'RangeError: append: a payload has at most 67108864 bytes, got 67108865',
  ]);
});

/** The real file system, and which of the calls on files that matter were made. */
function countingFs(): { fs: JournalFs; calls: string[] } {
  const calls: string[] = [];
  const fs: JournalFs = {
    ...nodeFs,
    async open(path, flags) {
      const file = await nodeFs.open(path, flags);
      const noted =
        <A extends unknown[], R>(name: string, method: (...args: A) => Promise<R>) =>
        async (...args: A): Promise<R> => {
          const result = await method.apply(file, args);
          calls.push(name);
          return result;
        };
      return {
        read: (...args) => file.read(...args),
        stat: () => file.stat(),
        close: () => file.close(),
        writev: noted('writev', file.writev),
        truncate: noted('truncate', file.truncate),
        datasync: noted('datasync', file.datasync),
      };
    },
  };
  return { fs, calls };
}
