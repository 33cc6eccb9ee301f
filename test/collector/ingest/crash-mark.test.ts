import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CrashMark } from '../../../src/collector/ingest/amqp/crash-mark.js';
import { newFolder } from '../../support/project.js';

let folder: string;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A life that ends without order. */
const crash = (): Promise<number> => new CrashMark(folder).begin();

test('from the third crash in a row on there is a pause, which grows with each to 5 s', async () => {
  const pauses: number[] = [];
  for (let life = 0; life < 6; life++) pauses.push(await crash());
  expect(pauses).toEqual([0, 0, 0, 75, 100, 125]);
  await writeFile(join(folder, 'amqp-crashes'), '900\n');
  expect([await crash(), await readFile(join(folder, 'amqp-crashes'), 'utf8')]).toEqual([5000, '901\n']);
});

test('an end in order forgets them', async () => {
  for (let life = 0; life < 5; life++) await crash();
  const last = new CrashMark(folder);
  expect(await last.begin()).toBe(125);
  await last.end();
  expect(await readdir(folder)).toEqual([]);
  expect(await crash()).toBe(0);
});

test.each(['', 'x', '-3', '99999999'])('a file that holds %j counts as none', async (text) => {
  await writeFile(join(folder, 'amqp-crashes'), text);
  expect(await crash()).toBe(0);
});
