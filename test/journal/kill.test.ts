import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { newFolder } from '../support/project.js';
import { openJournal } from './keep.js';

let appender: CompiledFixture;

beforeAll(async () => {
  appender = await compileFixture('test/journal/fixtures/appender.ts', { decorators: 'tc39' });
});

afterAll(() => appender.remove());

/** Lets the program append until so many of its records are acknowledged, kills it, and returns the last number that it told. */
async function appendAndKill(directory: string, name: string, durability: string, least: number): Promise<number> {
  const child = spawn(process.execPath, [appender.entry, directory, name, durability], { stdio: ['ignore', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  let last = -1;
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    // What is in the pipe by then is read to its end: it was acknowledged.
    if (last >= least) child.kill('SIGKILL');
  }
  expect(await closed).toEqual([null, 'SIGKILL']);
  return last;
}

test.each(['group', 'none'])(
  'killed again and again while it appends (durability %s), it loses nothing that was acknowledged',
  { timeout: 60_000 },
  async (durability) => {
    const directory = await newFolder();
    try {
      const acknowledged: number[] = [];
      for (let life = 0; life < 8; life++) acknowledged.push(await appendAndKill(directory, `life ${life}`, durability, 500 + life * 700));

      const { journal, state } = await openJournal(directory);
      await journal.close();
      const found = acknowledged.map((_, life) => state.entries.filter((entry) => entry.startsWith(`life ${life}.`)).length);
      console.log(`${durability}: acknowledged ${acknowledged.map((last) => last + 1).join(' ')}, found ${found.join(' ')}`);
      // Each life's numbers, from 0 on without a gap, at least up to the last that was acknowledged.
      expect(state.entries).toEqual(found.flatMap((count, life) => Array.from({ length: count }, (_, number) => `life ${life}.${number}`)));
      expect(acknowledged.every((last, life) => found[life]! > last)).toBe(true);
    } finally {
      await rm(directory, { recursive: true });
    }
  },
);
