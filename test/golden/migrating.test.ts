import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { golden, goldenFiles } from '../record/golden.js';
import { root } from '../support/project.js';
import { DEVIATIONS } from './deviations.js';

/** Whoever moves from Python phanos reads what became of each fault that is known of it. */

const text = readFileSync(join(root, 'docs/migrating.md'), 'utf8');

test('every known fault of the original is told', () => {
  const cases = goldenFiles('python-phanos')
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => golden<{ cases?: readonly { name: string; description?: string }[] }>(`python-phanos/${file}`).cases ?? []);
  const faults = cases.filter(({ description = '' }) => /\bBUG\b/.test(description)).map(({ name }) => name);
  const deviations = Object.values(DEVIATIONS).flatMap((file) => Object.entries(file));
  const replayed = deviations.filter(([, { why }]) => why.startsWith('BUG')).map(([name]) => name);
  expect(faults.length).toBeGreaterThan(25);
  expect([...new Set([...faults, ...replayed])].filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
});
