import { readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { change, copyFolder, filesOf, flip, keep, numbered, type Opened, openJournal } from './keep.js';
import { ListState } from './list-state.js';
import { MemoryDisk } from './memory-disk.js';

let folder: string;
let directory: string;
const opened: Opened[] = [];

beforeEach(async () => {
  folder = await newFolder();
  directory = join(folder, 'data');
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ journal }) => journal.close()));
  await rm(folder, { recursive: true });
});

const open: typeof openJournal = async (...args) => {
  const one = await openJournal(...args);
  opened.push(one);
  return one;
};

/** Entries, snapshot, entries, snapshot, entries: two generations and what follows them. */
async function twoGenerations(): Promise<string[]> {
  const one = await open(directory);
  await keep(one, ...numbered(250, 'first'));
  await one.journal.snapshot();
  await keep(one, ...numbered(250, 'second'));
  await one.journal.snapshot();
  await keep(one, ...numbered(10, 'third'));
  // Before the second snapshot there was nothing that a start could do without the first segment.
  await one.journal.snapshot();
  await keep(one, ...numbered(10, 'fourth'));
  await one.journal.close();
  return [...one.state.entries];
}

test('a start restores the newest snapshot, slice by slice, and replays what follows it', async () => {
  const one = await open(directory);
  await keep(one, ...numbered(250));
  await one.journal.snapshot();
  await keep(one, 'behind');
  expect(one.journal.figures).toMatchObject({ snapshots: 1, snapshotFailures: 0, bytesBehind: 22 });
  await one.journal.close();

  const { state, journal } = await open(directory);
  expect(state.restored).toEqual([100, 200, 250].map((end) => JSON.stringify(numbered(250).slice(Math.ceil(end / 100) * 100 - 100, end))));
  expect(state.entries).toEqual([...numbered(250), 'behind']);
  expect(journal.recovered).toMatchObject({ snapshot: 2, segments: 1, records: 1 });
});

test('two generations are kept, and the segments back to the older one', async () => {
  const one = await open(directory);
  const names: string[][] = [];
  for (let round = 0; round < 4; round++) {
    await keep(one, `entry ${round}`);
    await one.journal.snapshot();
    names.push((await filesOf(directory)).map((name) => name.replace(/^0+/, '')));
  }
  expect(names).toEqual([
    ['1.segment', '2.segment', '2.snapshot'],
    ['2.segment', '2.snapshot', '3.segment', '3.snapshot'],
    ['3.segment', '3.snapshot', '4.segment', '4.snapshot'],
    ['4.segment', '4.snapshot', '5.segment', '5.snapshot'],
  ]);
});

test('the size of what lies behind the last snapshot calls for the next, while appends go on', async () => {
  const one = await open(directory, { snapshotBytes: 10_000 });
  for (let round = 0; round < 100; round++) await keep(one, ...numbered(20, `round ${round} of a hundred`));
  await eventually('the last snapshot is written', () => one.journal.figures.bytesBehind < one.journal.figures.snapshotBytes + 10_000);
  // A snapshot becomes due when as much lies behind the last one as that one had, so they get rarer as the state grows.
  expect(one.journal.figures.snapshots).toBeGreaterThan(3);
  expect(one.journal.figures.snapshots).toBeLessThan(12);
  await one.journal.close();
  const { state } = await open(directory);
  expect(state.entries).toEqual(one.state.entries);
  expect(state.entries).toHaveLength(2000);
});

test('the cut is taken between two records, however long the slices take', async () => {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  class SlowState extends ListState {
    override beginSnapshot(): AsyncGenerator<Buffer, void, undefined> {
      return this.slowly();
    }

    async *slowly(): AsyncGenerator<Buffer, void, undefined> {
      const cut = [...this.entries];
      yield Buffer.from(JSON.stringify(cut.slice(0, 1)));
      await gate;
      yield Buffer.from(JSON.stringify(cut.slice(1)));
    }
  }
  const one = await open(directory, { state: new SlowState() });
  await keep(one, ...numbered(10, 'before'));
  // On their way when the snapshot is asked for; they belong to the old segment, and so to the cut.
  const early = keep(one, ...numbered(10, 'early'));
  const snapshot = one.journal.snapshot();
  await early;
  await eventually('the segments have changed', async () => (await filesOf(directory)).includes('0000000002.segment'));
  await keep(one, ...numbered(10, 'during'));
  expect(one.journal.figures.snapshots).toBe(0);
  release();
  await snapshot;
  await keep(one, 'after');
  const copy = await copyFolder(directory, join(folder, 'copy'));

  const { state, journal } = await open(copy);
  expect(state.entries).toEqual([...numbered(10, 'before'), ...numbered(10, 'early'), ...numbered(10, 'during'), 'after']);
  expect(journal.recovered).toMatchObject({ snapshot: 2, records: 11 });
});

test('whatever waited for its acknowledgement is applied before the cut, under load at every moment', async () => {
  const one = await open(directory, { snapshotBytes: 1000 });
  let appended = 0;
  const load = async (): Promise<void> => {
    while (appended < 3000) await keep(one, `entry ${appended++}`);
  };
  await Promise.all([load(), load(), load(), load()]);
  const entries = [...one.state.entries];
  expect(one.state.cuts).toBeGreaterThan(2);
  await one.journal.close();
  const { state } = await open(directory);
  expect(state.entries).toEqual(entries);
});

test('whoever waits at some distance is waited for, even on a disk that answers at once', async () => {
  const disk = new MemoryDisk(() => -1);
  const one = await open('/data', { fs: disk.connect() });
  const distant = async (layers: number): Promise<void> => (layers === 0 ? one.journal.append(Buffer.from('entry')) : distant(layers - 1));
  const applied = distant(500).then(() => one.state.entries.push('entry'));
  await one.journal.snapshot();
  await applied;
  await one.journal.close();
  const { state, journal } = await open('/data', { fs: disk.connect() });
  expect(state.entries).toEqual(['entry']);
  expect(journal.recovered).toMatchObject({ snapshot: 2, records: 0 });
});

test('the event loop turns between slices that take their time', async () => {
  let turns = 0;
  const turnsBetween: number[] = [];
  class BusyState extends ListState {
    override *slices(): Generator<Buffer, void, undefined> {
      for (let slice = 0; slice < 10; slice++) {
        turnsBetween.push(turns);
        turns = 0;
        const start = performance.now();
        while (performance.now() - start < 6);
        yield Buffer.from('[]');
      }
    }
  }
  const one = await open(directory, { state: new BusyState() });
  const count = (): void => {
    turns++;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  await one.journal.snapshot();
  clearImmediate(timer);
  expect(turnsBetween).toHaveLength(10);
  // The first belongs to the cut, and the second to the turn in which the file was opened.
  expect(turnsBetween.slice(2).every((between) => between > 0)).toBe(true);
});

test('a snapshot asked for while one is under way is another one, of the later state', async () => {
  const one = await open(directory);
  await keep(one, 'first');
  const first = one.journal.snapshot();
  await keep(one, 'second');
  const second = one.journal.snapshot();
  const third = one.journal.snapshot();
  await Promise.all([first, second, third]);
  expect(one.state.cuts).toBe(2);
  await one.journal.close();
  const { state, journal } = await open(directory);
  expect(journal.recovered.records).toBe(0);
  expect(state.entries).toEqual(['first', 'second']);
});

test('a state that fails to give its cut costs the snapshot, not the records', async () => {
  class FailingState extends ListState {
    fails = true;
    override *slices(): Generator<Buffer, void, undefined> {
      if (this.fails) throw new Error('no cut today');
      yield* super.slices();
    }
  }
  const state = new FailingState();
  const one = await open(directory, { state });
  await keep(one, 'one');
  await expect(one.journal.snapshot()).rejects.toMatchObject({
    code: 'JOURNAL_FAILED',
    message: expect.stringMatching(/could not write a snapshot \(no cut today\)/),
  });
  expect(one.journal.state).toEqual({ ready: true });
  expect(one.journal.figures).toMatchObject({ snapshots: 0, snapshotFailures: 1 });
  await keep(one, 'two');
  state.fails = false;
  await one.journal.snapshot();
  await keep(one, 'three');
  await one.journal.close();
  expect((await open(directory)).state.entries).toEqual(['one', 'two', 'three']);
});

test('close gives up a snapshot under way, without a trace, and lets the state have its cut back', async () => {
  class EndlessState extends ListState {
    override *slices(): Generator<Buffer, void, undefined> {
      this.cuts++;
      try {
        for (;;) yield Buffer.alloc(100_000);
      } finally {
        this.released++;
      }
    }
  }
  const one = await open(directory, { state: new EndlessState() });
  await keep(one, 'one');
  const given = one.journal.snapshot().catch((error: Error) => error.message);
  await eventually('it is under way', async () => (await filesOf(directory)).includes('0000000002.snapshot.temporary'));
  await one.journal.close();
  expect(await given).toMatch(/could not write a snapshot \(the journal is being closed\)/);
  expect(one.state).toMatchObject({ cuts: 1, released: 1 });
  expect(await filesOf(directory)).toEqual(['0000000001.segment', '0000000002.segment']);
  expect((await open(directory)).state.entries).toEqual(['one']);
});

test('a snapshot damaged anywhere, or cut short anywhere, is passed over for the older one, and the next is taken at once', async () => {
  const entries = await twoGenerations();
  const length = (await readFile(join(directory, '0000000004.snapshot'))).length;
  const offsets = [0, 9, 12, 17, 20, 30, length >> 1, length - 16, length - 13, length - 8, length - 1];
  const damages = [...offsets.map(flip), ...offsets.map((end) => (bytes: Buffer) => bytes.subarray(0, end))];
  for (const damage of damages) {
    const copy = await copyFolder(directory, join(folder, 'copy'));
    await change(join(copy, '0000000004.snapshot'), damage);
    const { state, journal, log } = await open(copy);
    expect(state.entries).toEqual(entries);
    expect(journal.recovered).toMatchObject({ snapshot: 3, segments: 2 });
    expect(log[0]).toMatch(/^error: \S+0000000004.snapshot is damaged: .+; what is older took its place$/);
    await eventually('there is a good one again', () => journal.figures.snapshots === 1);
    await journal.close();
    const names = (await filesOf(copy)).map((name) => name.replace(/^0+/, ''));
    expect(names).toEqual(['3.segment', '3.snapshot', '4.segment', '5.segment', '6.segment', '6.snapshot']);
  }
});

test('without its newest snapshot a start makes do with the older one', async () => {
  const entries = await twoGenerations();
  await unlink(join(directory, '0000000004.snapshot'));
  expect((await open(directory)).state.entries).toEqual(entries);
});

test('the only snapshot damaged: all segments are still there, and are replayed', async () => {
  const one = await open(directory);
  await keep(one, ...numbered(10));
  await one.journal.snapshot();
  await keep(one, 'behind');
  await one.journal.close();
  await change(join(directory, '0000000002.snapshot'), flip(25));
  const { state, journal } = await open(directory);
  expect(state.entries).toEqual([...numbered(10), 'behind']);
  expect(journal.recovered).toMatchObject({ snapshot: undefined, segments: 2, records: 11 });
});

test('both snapshots damaged, or gone, are never an empty start', async () => {
  await twoGenerations();
  const copy = await copyFolder(directory, join(folder, 'copy'));
  await change(join(copy, '0000000003.snapshot'), flip(25));
  await change(join(copy, '0000000004.snapshot'), (bytes) => bytes.subarray(0, 25));
  await expect(open(copy)).rejects.toMatchObject({
    code: 'JOURNAL_STATE_LOST',
    message: expect.stringMatching(
      /^the state in \S+copy can't be restored: \S+4.snapshot is damaged: .+; \S+3.snapshot is damaged: its checksum is wrong\. Restore/,
    ),
  });
  await unlink(join(copy, '0000000003.snapshot'));
  await unlink(join(copy, '0000000004.snapshot'));
  await expect(open(copy)).rejects.toMatchObject({
    code: 'JOURNAL_STATE_LOST',
    message: expect.stringMatching(/there is no snapshot, and the first segments are gone/),
  });
});

test('allowed to, it starts with nothing, keeps what it could not read beside, and is sound from then on', async () => {
  await twoGenerations();
  await change(join(directory, '0000000003.snapshot'), flip(25));
  await change(join(directory, '0000000004.snapshot'), flip(25));
  const one = await open(directory, { allowStateLoss: true });
  expect(one.state.entries).toEqual([]);
  expect(one.journal.recovered.lost?.code).toBe('JOURNAL_STATE_LOST');
  expect(one.log.at(-1)).toBe('error: state was lost, as it was allowed');
  await keep(one, 'new');
  await one.journal.close();
  expect(await filesOf(directory)).toEqual([
    '0000000003.segment.lost',
    '0000000003.snapshot.lost',
    '0000000004.segment.lost',
    '0000000004.snapshot.lost',
    '0000000005.segment',
    '0000000005.snapshot',
  ]);
  expect((await open(directory)).state.entries).toEqual(['new']);
});

test('a snapshot of a later format is not passed over: the older one would lose what came since', async () => {
  await twoGenerations();
  await change(join(directory, '0000000004.snapshot'), (bytes) => {
    bytes.writeUInt32LE(2, 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 16)), 16);
    return bytes;
  });
  await expect(open(directory)).rejects.toMatchObject({
    code: 'JOURNAL_CORRUPT',
    message: expect.stringMatching(/it is of format 2, and this version of phanos reads format 1/),
  });
});

test('what a process that died left of a snapshot is removed', async () => {
  const one = await open(directory);
  await one.journal.close();
  await writeFile(join(directory, '0000000009.snapshot.temporary'), 'half a');
  await writeFile(join(directory, 'README'), 'not ours');
  await open(directory);
  expect(await filesOf(directory)).toEqual(['0000000001.segment', 'README']);
});
