import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { FolderLock } from '../../src/collector/journal/folder-lock.js';
import { nodeFs } from '../../src/collector/journal/journal-fs.js';
import { type ProcessIdentity, thisProcess } from '../../src/collector/journal/process-identity.js';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { eventually } from '../support/eventually.js';
import { newFolder } from '../support/project.js';
import { keep, openJournal } from './keep.js';

let holder: CompiledFixture;
let directory: string;
let self: ProcessIdentity;
const children: ChildProcess[] = [];

beforeAll(async () => {
  holder = await compileFixture('test/journal/fixtures/holder.ts', { decorators: 'tc39' });
  self = await thisProcess();
});

afterAll(() => holder.remove());

beforeEach(async () => {
  directory = await newFolder();
});

afterEach(async () => {
  vi.useRealTimers();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(directory, { recursive: true });
});

/** Starts a process that opens the journal, and returns it with the first line that it wrote. */
async function hold(): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [holder.entry, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { child, said };
}

const locks = async (): Promise<string[]> => (await readdir(directory)).filter((name) => name.startsWith('lock-'));

/** A lock as another process would have left it. */
async function leaveLock(identity: Partial<ProcessIdentity>): Promise<string> {
  const { pid, started, boot, namespace } = { ...self, ...identity };
  const path = join(directory, `lock-${pid}-${started}-${boot}-${namespace}-0123abcd`);
  await writeFile(path, '');
  return path;
}

test('a second process is refused, and told who holds the folder', async () => {
  const { child, said } = await hold();
  expect(said).toBe('open');
  await expect(openJournal(directory)).rejects.toMatchObject({
    code: 'DATA_DIR_LOCKED',
    message: `${directory} is in use by the process with pid ${child.pid}; stop that one first, or use another folder`,
  });
  expect(await locks()).toHaveLength(1);
  child.stdin?.end();
  await once(child, 'close');
  expect(await locks()).toEqual([]);
  await (await openJournal(directory)).journal.close();
});

test('within one process a second one is refused as well', async () => {
  const { journal } = await openJournal(directory);
  await expect(openJournal(directory)).rejects.toMatchObject({
    code: 'DATA_DIR_LOCKED',
    message: expect.stringContaining(`is in use by this very process (pid ${process.pid})`),
  });
  await journal.close();
  await (await openJournal(directory)).journal.close();
});

test('the lock of a process that was killed is taken over', async () => {
  const { child } = await hold();
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await locks()).toHaveLength(1);
  const { journal } = await openJournal(directory);
  expect(await locks()).toEqual([expect.stringMatching(`^lock-${process.pid}-`)]);
  await journal.close();
});

test('of many that start at once, beside the lock of a dead one, exactly one gets the folder', { timeout: 30_000 }, async () => {
  await leaveLock({ started: '1' });
  const holders = await Promise.all(Array.from({ length: 4 }, hold));
  expect(holders.map(({ said }) => said).sort()).toEqual(['DATA_DIR_LOCKED', 'DATA_DIR_LOCKED', 'DATA_DIR_LOCKED', 'open']);
  const winner = holders.find(({ said }) => said === 'open');
  expect(await locks()).toEqual([expect.stringMatching(`^lock-${winner?.child.pid}-`)]);
});

test('a pid that was given anew does not keep the folder locked', async () => {
  await leaveLock({ started: '1' });
  const { journal } = await openJournal(directory);
  expect(await locks()).toHaveLength(1);
  await journal.close();
});

const quick = { touchEvery: 20, deadAfter: 300, tie: 10 };
const acquire = (): Promise<FolderLock> => FolderLock.acquire(nodeFs, directory, { onLost: () => {}, timing: quick });

test.each([
  ['in another container', { namespace: '1' }],
  ['on another machine', { boot: '0123456789ab' }],
])('a process %s, which can not be looked at, holds the folder while it touches its lock', async (place, identity) => {
  const other = await leaveLock(identity);
  const file = await nodeFs.open(other, 'r+');
  let length = 0;
  const touching = setInterval(() => {
    length = 1 - length;
    void file.truncate(length);
  }, 20);
  try {
    await expect(acquire()).rejects.toMatchObject({
      code: 'DATA_DIR_LOCKED',
      message: expect.stringContaining(`is in use by the process with pid ${process.pid} ${place};`),
    });
  } finally {
    clearInterval(touching);
    await file.close();
  }
  expect(await locks()).toHaveLength(1);

  const lock = await acquire();
  expect(await locks()).toEqual([expect.stringMatching(`-${self.boot}-${self.namespace}-`)]);
  await lock.release();
});

test('a lock that its owner touches keeps looking young, and one that was taken away is noticed before anything else', async () => {
  let lost: Error | undefined;
  const lock = await FolderLock.acquire(nodeFs, directory, {
    timing: quick,
    onLost: (error) => {
      lost = error;
    },
  });
  const [name = ''] = await locks();
  const { mtimeMs } = await nodeFs.stat(join(directory, name));
  await eventually('the lock is touched', async () => (await nodeFs.stat(join(directory, name))).mtimeMs > mtimeMs);
  await lock.confirm();
  await unlink(join(directory, name));
  await eventually('the loss is noticed', () => lost);
  await expect(lock.confirm()).rejects.toThrow(/another process took the folder over, or it was removed/);
  await lock.release();
});

test('an owner that slept too long looks for its lock before it acknowledges', async () => {
  const lock = await FolderLock.acquire(nodeFs, directory, { onLost: () => {}, timing: { ...quick, touchEvery: 100_000, deadAfter: 0 } });
  await lock.confirm();
  for (const name of await locks()) await unlink(join(directory, name));
  await expect(lock.confirm()).rejects.toThrow(/another process took the folder over/);
  await lock.release();
});

test('a journal whose folder was taken over stops for good and writes nothing more', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const one = await openJournal(directory);
  await keep(one, 'before');
  for (const name of await locks()) await unlink(join(directory, name));
  vi.advanceTimersByTime(5000);
  await eventually('it has noticed', () => !one.journal.state.ready);
  const refused = {
    code: 'JOURNAL_FAILED',
    message: expect.stringMatching(/takes no records \(its lock .* is gone: another process took the folder over/),
  };
  await expect(one.journal.append(Buffer.from('late'))).rejects.toMatchObject(refused);
  await expect(one.journal.snapshot()).rejects.toMatchObject(refused);
  await one.journal.close();
  expect(one.log).toEqual([expect.stringMatching(/^error: .*is gone/)]);
  expect(await readdir(directory)).toEqual(['0000000001.segment']);
  const { state, journal } = await openJournal(directory);
  expect(state.entries).toEqual(['before']);
  await journal.close();
});
