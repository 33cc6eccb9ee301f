import { describe, expect, test } from 'vitest';
import { Counter, Profiler } from '../../src/client.js';
import { counting, counts, deferred, Keeper, recording, silent, turn } from './watched.js';

describe('close() while calls run', () => {
  test('they go on and return what they would have', async () => {
    for (const { profiler } of [recording(), { profiler: counting() }]) {
      const gate = deferred();
      const closed = deferred();
      const leaf = profiler.profile('m:leaf', () => 1);
      const steps = profiler.profile('m:steps', async function* () {
        yield leaf();
        await closed.promise;
        yield leaf();
      });
      const root = profiler.profile('m:root', async () => {
        leaf();
        await gate.promise;
        const seen: number[] = [];
        for await (const one of steps()) seen.push(one);
        return [leaf(), ...seen];
      });
      const failing = profiler.profile('m:failing', async () => {
        await closed.promise;
        throw new Error('as it would have');
      });
      const running = [root(), failing()] as const;
      gate.resolve();
      await turn();
      await profiler.close();
      closed.resolve();
      expect(await running[0]).toEqual([1, 1, 1]);
      await expect(running[1]).rejects.toThrow('as it would have');
      expect(profiler.currentNode.context).toBe('');
    }
  });

  test('records of root calls that end after it are counted as dropped, for each handler', async () => {
    const { profiler, kept } = recording();
    profiler.addHandler(new Keeper('second'));
    const gate = deferred();
    const leaf = profiler.profile('m:leaf', () => 1);
    const root = profiler.profile('m:root', async () => {
      leaf();
      await gate.promise;
      leaf();
    });
    const running = root();
    await profiler.flush();
    await profiler.close();
    gate.resolve();
    await running;
    expect(kept.paths()).toEqual([]);
    const dropped = () => profiler.diagnostics().filter(({ reason }) => reason === 'handler_closed');
    expect(dropped()).toEqual(['keeper', 'second'].map((culprit) => ({ reason: 'handler_closed', culprit, count: 2 })));
    profiler.config({ collector: 'local', logger: silent });
    profiler.addMetric(
      new (class extends Counter {
        override cleanup(): void {}
      })({ name: 'sold', profiler: null }),
    );
    await root();
    expect(dropped().map(({ count }) => count)).toEqual([2, 2]);
    await profiler.close();
  });

  test('in the middle of a synchronous call', async () => {
    const { profiler, kept } = recording();
    const leaf = profiler.profile('m:leaf', () => 1);
    let closing: Promise<void> | undefined;
    const root = profiler.profile('m:root', () => {
      leaf();
      closing = profiler.close();
      leaf();
      return 7;
    });
    expect(root()).toBe(7);
    await closing;
    expect(kept.paths()).toEqual(['m:root.leaf', 'm:root.leaf', 'm:root']);
    expect(profiler.currentNode.context).toBe('');
  });

  test('config opens the profiler again: new calls are counted from there, old ones disturb nothing', async () => {
    const { profiler, kept } = recording();
    const gate = deferred();
    const leaf = profiler.profile('m:leaf', () => 1);
    const old = profiler.profile('m:old', async () => {
      await gate.promise;
      leaf();
    });
    const running = old();
    await profiler.close();
    leaf();
    expect(kept.deliveries).toEqual([]);

    const again = new Keeper('again');
    profiler.config({ job: 'again', logger: silent, collector: 'local', handlers: [again] });
    const fresh = profiler.profile('m:fresh', async () => {
      leaf();
      gate.resolve();
      await running;
      await turn();
      leaf();
    });
    await fresh();
    const paths = again.paths();
    expect(paths.filter((path) => path.startsWith('m:fresh'))).toEqual(['m:fresh.leaf', 'm:fresh.leaf', 'm:fresh']);
    // What went on from before the close has lost its place; it must not take that of another call.
    expect(paths.filter((path) => !path.startsWith('m:fresh') && path !== 'm:old')).toEqual(['m:leaf']);
    expect(kept.deliveries).toEqual([]);
    expect((await counts(profiler))['m:fresh']).toBe(1);
  });

  test('twice, and before any config', async () => {
    await new Profiler().close();
    const { profiler } = recording();
    await Promise.all([profiler.close(), profiler.close()]);
    await profiler.close();
    expect(profiler.profile('m:f', () => 1)()).toBe(1);
  });
});
