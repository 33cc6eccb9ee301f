import { expect, test } from 'vitest';
import { appliedIn, Monotonic, totalOf } from './load.js';
import { loadStage } from './load-stage.js';

/** Milliseconds for which the event loop of a worker is blocked. */
const BLOCKED = 8000;

const stage = loadStage();

test(`a worker that is blocked for ${BLOCKED / 1000} s holds up no scrape; what it counted comes later, once`, {
  timeout: 120_000,
}, async () => {
  const cluster = stage.start({ role: 'primary', workers: 3, threads: 1, serve: true });
  const { url } = await cluster.line('url', 0);
  const [blocked, free] = await cluster.leaves(6);
  const watch = new Monotonic();
  const took: number[] = [];
  const scrape = async (): Promise<number> => {
    const start = performance.now();
    const text = await (await fetch(`${url as string}/metrics`)).text();
    took.push(performance.now() - start);
    watch.look(text);
    return appliedIn(text).calls;
  };
  const from = cluster.lines.length;
  cluster.tell('block', { to: blocked, ms: BLOCKED });
  const unblocked = cluster.line('unblocked', from);
  let over = false;
  void unblocked.then(() => {
    over = true;
  });
  const seen: number[] = [];
  const asked: number[] = [];
  while (!over) {
    seen.push(await scrape());
    // The other workers answer for all just as well.
    const here = cluster.lines.length;
    cluster.tell('scrape', { to: free });
    asked.push((await cluster.line('scraped', here)).took as number);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await unblocked;
  await cluster.halt(6);
  const made = totalOf(cluster.sent());
  const applied = await scrape();
  const slowest = Math.max(...took, ...asked);
  console.log(
    `blocked for ${BLOCKED} ms: ${took.length} scrapes and ${asked.length} by another worker, slowest ${Math.round(slowest)} ms; ` +
      `${made} calls sent, ${applied} applied`,
  );
  expect(seen.length).toBeGreaterThan(5);
  expect(slowest).toBeLessThan(1000);
  // Everybody else's data goes on coming.
  for (const [i, calls] of seen.entries()) expect(calls).toBeGreaterThanOrEqual(seen[i - 1] ?? 0);
  expect(seen.at(-1)).toBeGreaterThan((seen[0] ?? 0) + 2000);
  expect(watch.decreases).toEqual([]);
  expect(applied).toBe(made);
});
