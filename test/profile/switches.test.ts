import { describe, expect, test } from 'vitest';
import { Counter, type Handler, type Profiler, RESPONSE_SIZE, TIME_PROFILER } from '../../src/client.js';
import { counting, counts, deferred, Keeper, recording, silent, turn } from './watched.js';

/** A program with a synchronous, an asynchronous and a generator call below each root, in which `between` runs in the middle of them. */
function programOf(profiler: Profiler, between: () => void | Promise<void>) {
  const { profile } = profiler;
  const leaf = profile('m:leaf', () => 1);
  const items = profile('m:items', function* () {
    yield leaf();
  });
  const nested = profile('m:nested', async () => {
    leaf();
    await turn();
    await between();
    leaf();
  });
  const inside = profile('m:inside', () => {
    leaf();
    void between();
    leaf();
  });
  const program = async (): Promise<void> => {
    leaf();
    await nested();
    inside();
    expect([...items()]).toEqual([1]);
    leaf();
  };
  return { asRoot: profile('m:root', program), plainly: program };
}

const all = {
  'm:root': 1,
  'm:root.leaf': 2,
  'm:root.nested': 1,
  'm:root.nested.leaf': 2,
  'm:root.inside': 1,
  'm:root.inside.leaf': 2,
  'm:root.items': 1,
  'm:root.items.leaf': 1,
};

describe('what is switched while calls run', () => {
  test('handleRecords: counts are complete, records are those of calls that began while it was on', async () => {
    const { profiler, kept } = recording();
    const { asRoot } = programOf(profiler, () => {
      profiler.handleRecords = !profiler.handleRecords;
    });
    await asRoot();
    expect(await counts(profiler)).toEqual(all);
    // Off in the middle of `nested`, on again in the middle of `inside`; a call is recorded if it began while it was on.
    expect(profiler.handleRecords).toBe(true);
    const recorded = [
      'm:root.leaf',
      'm:root.nested.leaf',
      'm:root.nested',
      'm:root.inside.leaf',
      'm:root.items.leaf',
      'm:root.items',
      'm:root.leaf',
      'm:root',
    ];
    expect(kept.paths().sort()).toEqual(recorded.sort());
    await asRoot();
    expect((await counts(profiler))['m:root']).toBe(2);
  });

  test('handlers: a deleted one gets no more, the others everything', async () => {
    const stays = new Keeper('stays');
    const goes = new Keeper('goes');
    const comes = new Keeper('comes');
    const profiler = counting({ handlers: [stays, goes] });
    let step = 0;
    const { asRoot } = programOf(profiler, () => {
      if (++step === 1) profiler.deleteHandler('goes');
      else profiler.addHandler(comes);
    });
    await asRoot();
    expect(goes.deliveries).toEqual([]);
    const paths = stays.paths();
    expect(paths).toHaveLength(11);
    expect(comes.paths()).toEqual(paths);
    expect(await counts(profiler)).toEqual(all);
  });

  test('all handlers go, and one comes: records of the time without a handler are not made', async () => {
    const { profiler, kept } = recording();
    const late = new Keeper('late');
    let step = 0;
    const { asRoot } = programOf(profiler, () => {
      if (++step === 1) profiler.deleteHandlers();
      else profiler.addHandler(late);
    });
    await asRoot();
    expect(kept.deliveries).toEqual([]);
    expect(late.paths().at(-1)).toBe('m:root');
    expect(await counts(profiler)).toEqual(all);
  });

  test('a handler that deletes itself, adds another one, and one that deletes all', () => {
    const added = new Keeper('added');
    const calls: string[] = [];
    const profiler = counting();
    const selfish: Handler = {
      handlerName: 'selfish',
      handle: () => {
        calls.push('selfish');
        profiler.deleteHandler('selfish');
        profiler.addHandler(added);
      },
    };
    const last: Handler = { handlerName: 'last', handle: () => void calls.push('last') };
    profiler.addHandler(selfish);
    profiler.addHandler(last);
    const f = profiler.profile('m:f', (): void => {});
    f();
    expect(calls).toEqual(['selfish', 'last']);
    expect(added.deliveries).toEqual([]);
    f();
    expect(calls).toEqual(['selfish', 'last', 'last']);
    expect(added.paths()).toEqual(['m:f']);
    expect([...profiler.handlers.keys()]).toEqual(['last', 'added']);
  });

  test('a metric that is deleted while calls run: the calls go on, and are counted anew when it is back', async () => {
    const { profiler, kept } = recording({ responseSizeProfile: false });
    const time = profiler.registeredMetrics.get(TIME_PROFILER);
    const sold = new Counter({ name: 'sold', profiler });
    let step = 0;
    const { asRoot } = programOf(profiler, () => {
      sold.inc();
      if (++step === 1) profiler.deleteMetric(TIME_PROFILER);
      else if (time !== undefined) profiler.addMetric(time);
    });
    await asRoot();
    expect(await counts(profiler)).toEqual({
      'm:root': 1,
      'm:root.leaf': 1,
      'm:root.inside': 1,
      'm:root.inside.leaf': 1,
      'm:root.items': 1,
      'm:root.items.leaf': 1,
    });
    expect(kept.deliveries.filter(({ metric }) => metric === 'sold').flatMap(({ records }) => records.map(({ method }) => method))).toEqual(
      ['m:root.nested', 'm:root.inside'],
    );
    expect(sold.value()).toBe(2);
  });

  test('a custom metric that is deleted and one that is added while calls run', async () => {
    const { profiler, kept } = recording({ timeProfile: false, responseSizeProfile: false });
    const first = new Counter({ name: 'first', profiler });
    const second = new Counter({ name: 'second', profiler: null });
    let step = 0;
    const { asRoot } = programOf(profiler, () => {
      first.inc();
      second.inc();
      if (++step === 1) {
        profiler.deleteMetric('first');
        profiler.addMetric(second);
      }
    });
    await asRoot();
    expect(kept.deliveries.map(({ metric, records }) => [metric, records.map(({ method }) => method)])).toEqual([
      ['second', ['m:root.inside']],
    ]);
    expect(await profiler.metrics()).not.toMatch(/^first/m);
    expect(second.value()).toBe(1);
  });

  test('a handler that deletes and adds metrics during delivery', () => {
    const profiler = counting();
    const late = new Counter({ name: 'late', profiler: null });
    const early = new Counter({ name: 'early', profiler });
    const seen: string[] = [];
    profiler.addHandler({
      handlerName: 'meddling',
      handle: (_records, metric) => {
        seen.push(metric);
        if (profiler.registeredMetrics.has('early')) profiler.deleteMetric('early');
        if (!profiler.registeredMetrics.has('late')) profiler.addMetric(late);
      },
    });
    const f = profiler.profile('m:f', () => {
      early.inc();
      late.inc();
    });
    f();
    expect(seen[0]).toBe('time_profiler');
    f();
    expect([...profiler.registeredMetrics.keys()]).toContain('late');
    expect(seen.filter((metric) => metric === 'late')).toHaveLength(1);
  });

  test('metrics deleted and added while a flush waits for a handler', async () => {
    const gate = deferred();
    const seen: string[] = [];
    const profiler = counting({
      handlers: [
        {
          handlerName: 'slow',
          async handle(_records, metric) {
            seen.push(metric);
            await gate.promise;
          },
        },
      ],
    });
    const sold = new Counter({ name: 'sold', profiler });
    const f = profiler.profile('m:f', () => sold.inc());
    f();
    f();
    const flushing = profiler.flush();
    profiler.deleteMetrics(true, true);
    const back = new Counter({ name: 'back', profiler });
    profiler.profile('m:g', () => back.inc())();
    gate.resolve();
    await flushing;
    await profiler.flush();
    expect(seen).toEqual(['time_profiler', 'sold', 'time_profiler', 'sold', 'back']);
    expect(await profiler.metrics()).toContain('\nback_total 1\n');
  });

  test('errorRaisedLabel: calls go on, each is counted with the labels of the moment at which it ended', async () => {
    const { profiler, kept } = recording();
    const { asRoot } = programOf(profiler, () => {
      profiler.errorRaisedLabel = !profiler.errorRaisedLabel;
    });
    await asRoot();
    const flagged = kept.deliveries.flatMap(({ records }) => records).map(({ method, labels }) => `${method} ${'error_raised' in labels}`);
    expect(flagged.filter((line) => line.endsWith('false')).sort()).toEqual([
      'm:root.inside.leaf false',
      'm:root.nested false',
      'm:root.nested.leaf false',
    ]);
    expect(flagged).toHaveLength(11);
    expect((await counts(profiler))['m:root']).toBe(1);
  });

  test('series of the default metrics that a switch of errorRaisedLabel has left behind leave the page with the metric, or with another callPath', async () => {
    const page = async (profiler: Profiler): Promise<string[]> => (await profiler.metrics()).match(/^phanos_\w+_count\{.*/gm) ?? [];
    for (const remove of ['deleteMetric', 'config', 'callPath']) {
      const profiler = counting();
      const call = profiler.profile('m:call', () => 1);
      for (let round = 0; round < 3; round++) {
        profiler.config({ collector: 'local', logger: silent });
        call();
        profiler.errorRaisedLabel = false;
        call();
        await page(profiler);
      }
      expect(await page(profiler)).toHaveLength(4);
      if (remove === 'deleteMetric') for (const name of [TIME_PROFILER, RESPONSE_SIZE]) profiler.deleteMetric(name);
      else if (remove === 'config') profiler.config({ collector: 'local', logger: silent, timeProfile: false, responseSizeProfile: false });
      else profiler.config({ collector: 'local', logger: silent, callPath: 'off' });
      expect([remove, await page(profiler)]).toEqual([remove, []]);
      await profiler.close();
    }
  });

  test('callPath and limits by a second config: the calls that run keep their places', async () => {
    const { profiler, kept } = recording();
    let step = 0;
    const { asRoot } = programOf(profiler, () => {
      if (++step === 1) profiler.config({ collector: 'local', logger: silent, limits: { contextDepth: 1, callNodes: 1 } });
    });
    await asRoot();
    expect(kept.paths().at(-1)).toBe('m:root');
    expect((await counts(profiler))['m:root']).toBe(1);
  });

  test('hooks set and removed while calls run', async () => {
    const { profiler, kept } = recording();
    const log: string[] = [];
    const { asRoot } = programOf(profiler, () => {
      profiler.afterFunc = profiler.afterFunc === undefined ? () => void log.push(profiler.currentNode.context) : undefined;
    });
    await asRoot();
    expect(log).toEqual(['m:root.nested.leaf', 'm:root.nested', 'm:root.inside.leaf']);
    expect(kept.paths()).toHaveLength(11);
  });
});
