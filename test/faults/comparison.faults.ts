import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newFolder, root } from '../support/project.js';

/** `npm run compare` in its short form. What is asserted is what phanos does; what others do is reported as it was seen. */

interface Library {
  readonly name: string;
  readonly version: string;
  readonly findings: readonly { readonly what: string; readonly truth: string; readonly found: string }[];
}

let folder: string;

beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => rm(folder, { recursive: true }));

// The first run on a machine fetches a Node.js and a package.
test('the comparison runs; phanos shows the truth but for what a killed worker had not handed over', { timeout: 400_000 }, async () => {
  const file = join(folder, 'findings.json');
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/compare.mjs', '--short', '--json', file], { cwd: root });
  console.log(stdout);
  const { libraries } = JSON.parse(await readFile(file, 'utf8')) as { libraries: readonly Library[] };
  expect(libraries.map(({ name }) => name)).toEqual(['prom-client', '@prometheus-io/client', 'phanos']);
  const [, , phanos] = libraries as [Library, Library, Library];
  // Of the last 7 jobs nobody knows whether they were handed over; quantiles come from a sketch.
  const told = phanos.findings.filter(({ what, truth }) => truth !== '1527' && !/median|percentile/.test(what));
  expect(told.map(({ what, found }) => [what, figureOf(found)])).toEqual(told.map(({ what, truth }) => [what, truth]));
  const quantiles = phanos.findings.filter(({ what }) => /median|percentile/.test(what));
  expect(quantiles).toHaveLength(2);
  // What the sketch promises for values that span two decades.
  for (const { truth, found } of quantiles) expect(Math.abs(Number(found) / Number(truth) - 1)).toBeLessThan(0.022);
  const uncertain = phanos.findings.filter(({ truth }) => truth === '1527').map(({ found }) => found);
  expect(uncertain).toHaveLength(2);
  for (const found of uncertain) expect(['1520', '1527']).toContain(found);
  // Everybody went through the same situations, and the page in docs/ tells of all of them.
  const page = await readFile(join(root, 'docs/comparison.md'), 'utf8');
  for (const { findings } of libraries) {
    expect(findings.map(({ what }) => what)).toEqual(phanos.findings.map(({ what }) => what));
    for (const { what, found } of findings) {
      expect(found).not.toBe('');
      expect(page).toContain(`| ${what} `);
    }
  }
});

/** What an answer shows, if it came with status 200 and within a second; other findings as they are. */
function figureOf(found: string): string {
  const [, content = found] = /^200 in \d+ ms, (.*)$/.exec(found) ?? [];
  return content;
}
