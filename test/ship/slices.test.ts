import { Counter, Profiler } from 'phanos';
import { expect, test } from 'vitest';

/** Very many series that changed are brought to the collector in pieces, between which the program goes on. */

const SERIES = 7000;

test('what is counted and removed between two pieces counts once', async () => {
  const profiler = new Profiler().config({
    timeProfile: false,
    responseSizeProfile: false,
    collector: 'local',
    limits: { seriesPerMetric: SERIES },
  });
  await profiler.ready();
  const things = new Counter({ name: 'things', labelNames: ['n'], profiler });
  const children = Array.from({ length: SERIES }, (_, i) => things.labels({ n: `${i}` }));
  for (const child of children) child.inc();

  let turns = 0;
  const flushed = profiler.flush().then(() => turns);
  const goOn = (): void => {
    turns++;
    children[0]!.inc();
    children.at(-1)!.inc();
    if (turns === 1) {
      things.remove({ n: '5' });
      things.remove({ n: `${SERIES - 5}` });
      things.inc({ n: `${SERIES - 5}` });
    }
    if (turns < 10) setImmediate(goOn);
  };
  setImmediate(goOn);
  expect(await flushed).toBeGreaterThanOrEqual(2);
  while (turns < 10) await new Promise(setImmediate);

  const text = await profiler.metrics();
  const counts = new Map(Array.from(text.matchAll(/^things_total\{n="(\d+)"\} (\d+)$/gm), ([, n, count]) => [Number(n), Number(count)]));
  expect(counts.size).toBe(SERIES - 1);
  expect(counts.has(5)).toBe(false);
  const expected = new Map([
    [0, 11],
    [SERIES - 1, 11],
  ]);
  for (const [n, count] of counts) expect([n, count]).toEqual([n, expected.get(n) ?? 1]);
  await profiler.close();
});
