import { describe, expect, test } from 'vitest';
import { deferred, recording, turn } from './watched.js';

describe('two profilers at once do not see each other', () => {
  test('each has its own tree, whoever calls whom', async () => {
    const one = recording();
    const two = recording();
    const inner = two.profiler.profile(
      'm:inner',
      one.profiler.profile('m:inner', async () => turn()),
    );
    const middle = one.profiler.profile('m:middle', async () => {
      await turn();
      await inner();
    });
    const root = two.profiler.profile('m:root', async () => {
      await middle();
      await inner();
    });
    await Promise.all([root(), root()]);
    expect(one.kept.paths().sort()).toEqual(['m:inner', 'm:inner', 'm:middle', 'm:middle', 'm:middle.inner', 'm:middle.inner']);
    expect(two.kept.paths().sort()).toEqual(['m:root', 'm:root', 'm:root.inner', 'm:root.inner', 'm:root.inner', 'm:root.inner']);
  });

  test('synchronous functions and generators profiled by both', async () => {
    const one = recording();
    const two = recording();
    const both = <F extends (...args: never[]) => unknown>(name: string, fn: F): F =>
      one.profiler.profile(name, two.profiler.profile(name, fn));
    const leaf = both('m:leaf', () => 1);
    const items = both('m:items', function* () {
      yield leaf();
      yield leaf();
    });
    for (let round = 0; round < 2; round++) expect([...items()]).toEqual([1, 1]);
    for (const { kept } of [one, two]) expect(kept.paths()).toEqual([1, 2].flatMap(() => ['m:items.leaf', 'm:items.leaf', 'm:items']));
  });

  test('one that is closed does not take the place of the other away', async () => {
    const one = recording();
    const two = recording();
    const gate = deferred();
    const leaf = two.profiler.profile('m:leaf', () => 1);
    const root = two.profiler.profile(
      'm:root',
      one.profiler.profile('m:root', async () => {
        await gate.promise;
        return leaf();
      }),
    );
    const running = root();
    await one.profiler.close();
    gate.resolve();
    await running;
    expect(two.kept.paths()).toEqual(['m:root.leaf', 'm:root']);
  });
});
