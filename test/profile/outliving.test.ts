import { describe, expect, test } from 'vitest';
import { Counter } from '../../src/client.js';
import { counts, deferred, recording, turn } from './watched.js';

describe('a call that outlives its root', () => {
  test('delivers its own records when it ends, with its full context', async () => {
    const { profiler, kept } = recording();
    const gates = [deferred(), deferred()] as const;
    const leaf = profiler.profile('m:leaf', () => 1);
    const child = profiler.profile('m:child', async () => {
      await gates[0].promise;
      leaf();
      await gates[1].promise;
      leaf();
    });
    let running: Promise<void> | undefined;
    const root = profiler.profile('m:root', () => {
      running = child();
      leaf();
    });
    root();
    expect(kept.times()).toEqual([['m:root.leaf', 'm:root']]);
    gates[0].resolve();
    await turn();
    // The child is the new owner of what is recorded below it.
    expect(kept.times()).toEqual([['m:root.child.leaf']]);
    gates[1].resolve();
    await running;
    expect(kept.times().flat()).toEqual(['m:root.child.leaf', 'm:root.child']);
    expect(await counts(profiler)).toEqual({ 'm:root': 1, 'm:root.leaf': 1, 'm:root.child': 1, 'm:root.child.leaf': 2 });
  });

  test('one that begins after its root has ended collects what is recorded below it', async () => {
    const { profiler, kept } = recording();
    const notes = new Counter({ name: 'notes', profiler });
    const finished = deferred();
    const leaf = profiler.profile('m:leaf', () => notes.inc());
    const late = profiler.profile('m:late', async () => {
      leaf();
      await turn();
      leaf();
    });
    const child = profiler.profile('m:child', async () => {
      await turn();
      await late();
      finished.resolve();
    });
    const root = profiler.profile('m:root', async () => void child());
    await root();
    expect(kept.times()).toEqual([['m:root']]);
    await finished.promise;
    await turn();
    const { deliveries } = kept;
    expect(deliveries.map(({ metric, records }) => [metric, ...records.map(({ method }) => method)])).toEqual([
      ['time_profiler', 'm:root.child.late.leaf', 'm:root.child.late.leaf', 'm:root.child.late'],
      ['notes', 'm:root.child.late.leaf', 'm:root.child.late.leaf'],
      ['time_profiler', 'm:root.child'],
    ]);
  });

  test('other roots that begin meanwhile keep their records apart', async () => {
    const { profiler, kept } = recording();
    const gate = deferred();
    const leaf = profiler.profile('m:leaf', () => 1);
    const child = profiler.profile('m:child', async () => {
      await gate.promise;
      leaf();
    });
    const running: Promise<void>[] = [];
    const root = profiler.profile('m:root', async () => void running.push(child()));
    await root();
    const other = profiler.profile('m:other', async () => {
      leaf();
      gate.resolve();
      await Promise.all(running);
      await turn();
      leaf();
    });
    await other();
    const groups = kept.times();
    expect(groups.flat().sort()).toEqual(['m:other', 'm:other.leaf', 'm:other.leaf', 'm:root', 'm:root.child', 'm:root.child.leaf']);
    for (const group of groups) expect(new Set(group.map((path) => path.split('.')[0])).size).toBe(1);
    expect(groups.at(-1)).toEqual(['m:other.leaf', 'm:other.leaf', 'm:other']);
  });
});
