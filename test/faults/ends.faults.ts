import { describe, expect, test } from 'vitest';
import { sampleOf } from '../ship/running-cluster.js';
import { eventually } from '../support/eventually.js';
import { appliedIn, type Load, lastOf, Monotonic, type Sent, totalOf } from './load.js';
import { loadStage } from './load-stage.js';

/** How workers and threads end under load, what is lost then, and that scrapes do not care. */

const FLUSH_INTERVAL = 1000;
const HAND_OVER = 250;

const stage = loadStage();

interface Ending {
  readonly what: string;
  readonly closeOn?: readonly NodeJS.Signals[];
  /** Ends one worker, or the threads of one. */
  readonly end: (cluster: Load, pid: number) => void;
  readonly who: 'threads' | 'worker';
  /** Whether the end of it is given a chance to hand over what is there. */
  readonly isAsked: boolean;
}

const endings: readonly Ending[] = [
  { what: 'terminate() of a thread', who: 'threads', isAsked: false, end: (c, to) => c.tell('end threads', { to, how: 'terminate' }) },
  { what: 'a thread that throws', who: 'threads', isAsked: true, end: (c, to) => c.tell('end threads', { to, how: 'throw' }) },
  { what: 'process.exit() in a thread', who: 'threads', isAsked: true, end: (c, to) => c.tell('end threads', { to, how: 'exit' }) },
  { what: 'process.exit() in a worker', who: 'worker', isAsked: true, end: (c, to) => c.tell('exit', { to }) },
  { what: 'a worker that throws', who: 'worker', isAsked: true, end: (c, to) => c.tell('exit', { to, how: 'throw' }) },
  { what: 'SIGTERM without closeOn', who: 'worker', isAsked: false, end: (_, pid) => process.kill(pid, 'SIGTERM') },
  { what: 'SIGTERM with closeOn', who: 'worker', isAsked: true, closeOn: ['SIGTERM'], end: (_, pid) => process.kill(pid, 'SIGTERM') },
];

describe.each(endings)('$what', ({ who, isAsked, end, closeOn = [] }) => {
  test('loses what the design says, and disturbs no scrape', { timeout: 120_000 }, async ({ task }) => {
    const cluster = stage.start({
      role: 'primary',
      workers: 2,
      threads: 1,
      serve: true,
      closeOn,
      flushInterval: FLUSH_INTERVAL,
    });
    const { url } = await cluster.line('url', 0);
    const [victim] = (await cluster.leaves(4)) as [number];
    await eventually('all have counted for more than an interval', () =>
      cluster.sent().every(({ times }) => (times.at(-1) ?? 0) - (times[0] ?? 0) > 1.5 * FLUSH_INTERVAL),
    );
    const watch = new Monotonic();
    const took: number[] = [];
    const scrape = async (): Promise<string> => {
      const start = performance.now();
      const text = await (await fetch(`${url as string}/metrics`)).text();
      took.push(performance.now() - start);
      watch.look(text);
      return text;
    };
    const from = cluster.lines.length;
    end(cluster, victim);
    await cluster.line(who === 'worker' ? 'exit' : 'ended', from);
    for (let i = 0; i < 5; i++) await scrape();
    // A worker takes its thread with it.
    const left = who === 'worker' ? 2 : 3;
    await cluster.halt(left);
    const text = await scrape();
    const isVictim = ({ pid, thread }: Sent): boolean => pid === victim && (who === 'worker' || thread > 0);
    const sent = cluster.sent();
    const lost = totalOf(sent) - appliedIn(text).calls;
    const allowed = sent.filter(isVictim).reduce((sum, one) => {
      const isCut = !isAsked || (who === 'worker' && one.thread > 0);
      // Nobody asks the thread of a worker that ends, unless the worker closes in order; it counts on until the worker is gone.
      return isCut ? sum + lastOf(one, closeOn.length > 0 ? HAND_OVER : FLUSH_INTERVAL + HAND_OVER) : sum;
    }, 0);
    console.log(
      `${task.suite?.name.replaceAll("'", '')}: ${totalOf(sent)} calls sent, ${lost} lost, ${allowed} allowed; slowest scrape ${Math.round(Math.max(...took))} ms`,
    );
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(allowed);
    expect(Math.max(...took)).toBeLessThan(1000);
    expect(watch.decreases).toEqual([]);
    expect(sampleOf(text, 'depth')).toBe(left);
  });
});
