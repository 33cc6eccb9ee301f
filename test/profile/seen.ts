import { expect } from 'vitest';
import type { Profiler } from '../../src/client.js';
import { counting, counts, recording } from './watched.js';

/** Runs a program on a profiler that counts and on one that records; both must see the same calls, at the same places. */
export async function seen(program: (profiler: Profiler) => unknown): Promise<Record<string, number>> {
  const counter = counting();
  await program(counter);
  const found = await counts(counter);
  const { profiler, kept } = recording();
  await program(profiler);
  const recorded: Record<string, number> = {};
  for (const path of kept.paths()) recorded[path] = (recorded[path] ?? 0) + 1;
  expect(recorded).toEqual(found);
  expect(await counts(profiler)).toEqual(found);
  for (const { currentNode } of [counter, profiler]) expect(currentNode.context).toBe('');
  return found;
}
