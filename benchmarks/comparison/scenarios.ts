import type { Contender } from './contenders.js';
import { increaseOf } from './increase.js';
import { answerText, sampleValue } from './scrape.js';
import { Stage } from './stage.js';
import type { WatchedByPrometheus } from './watched-by-prometheus.js';

/** One line of the comparison for one library. */
export interface Finding {
  readonly what: string;
  /** What is true, as the driver knows it. */
  readonly truth: string;
  readonly found: string;
}

/** Lets a library go through one of the situations. */
export type Scenario = (contender: Contender) => Promise<Finding[]>;

/** Milliseconds for which an event loop is blocked: longer than the 5 s that the peers wait for their workers. */
const BLOCKED = 6500;

const JOBS = 'jobs_total';

/** Workers that end: one by SIGKILL, one in order. @param watch has a real Prometheus look on, if there is one */
export function endingWorkers(watch?: WatchedByPrometheus): Scenario {
  return async (contender) => {
    const stage = await Stage.set(contender, 'cluster', 2);
    const watched = await watch?.(stage.url);
    try {
      const seen: number[] = [];
      const look = async (): Promise<string> => {
        const { text } = await stage.scrape();
        const value = sampleValue(text, JOBS);
        if (value === undefined) return 'no such sample';
        seen.push(value);
        await watched?.until(JOBS, value);
        return String(value);
      };
      await stage.order(1, { do: 'count', jobs: 1000 });
      await stage.order(2, { do: 'count', jobs: 500 });
      const before = await look();
      await stage.command({ what: 'kill', member: 1 });
      const after = await look();
      await stage.command({ what: 'start' });
      await stage.order(2, { do: 'count', jobs: 10 });
      await stage.order(3, { do: 'count', jobs: 10 });
      const later = await look();
      const findings = [
        { what: `${JOBS} of two workers`, truth: '1500', found: before },
        { what: '  after one was killed', truth: '1500', found: after },
        { what: '  after 20 more jobs', truth: '1520', found: later },
        { what: "  increase since the first scrape, by Prometheus' rule", truth: '20', found: String(increaseOf(seen)) },
      ];
      if (watched !== undefined) {
        const [increase, resets] = await watched.query(`increase(${JOBS}[5m])`, `resets(${JOBS}[5m])`);
        const found = `${Math.round(increase ?? Number.NaN)}, ${resets}`;
        findings.push({ what: '  increase() and resets(), a real Prometheus', truth: '20 and a little, 0', found });
      }
      await stage.order(3, { do: 'count', jobs: 7 });
      await stage.command({ what: 'kill', member: 3 });
      findings.push({ what: '  after 7 more in a worker that was killed at once', truth: '1527', found: await look() });
      await stage.order(2, { do: 'end' });
      findings.push({ what: '  after the last one ended in order', truth: '1527', found: await look() });
      return findings;
    } finally {
      await watched?.stop();
      await stage.strike();
    }
  };
}

/** A worker whose event loop is blocked. */
export const blockedWorker: Scenario = async (contender) => {
  const stage = await Stage.set(contender, 'cluster', 2);
  try {
    await stage.order(1, { do: 'count', jobs: 1000 });
    await stage.order(2, { do: 'count', jobs: 500 });
    await stage.scrape();
    await stage.order(1, { do: 'block', for: BLOCKED });
    const blockedSince = performance.now();
    await stage.order(2, { do: 'count', jobs: 20 });
    const during = await stage.scrape();
    const rest = BLOCKED - (performance.now() - blockedSince);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
    await stage.order(1, { do: 'count', jobs: 10 });
    const after = await stage.scrape();
    return [
      {
        what: `scrape while one of two workers is blocked for ${BLOCKED / 1000} s`,
        truth: `${JOBS} 1520`,
        found: answerText(during, JOBS),
      },
      { what: '  afterwards, with 10 more of that worker', truth: `${JOBS} 1530`, found: answerText(after, JOBS) },
    ];
  } finally {
    await stage.strike();
  }
};

/** A summary in four workers that all observe the same: a hundred values from 1 ms to 100 ms. */
export const summaries: Scenario = async (contender) => {
  const stage = await Stage.set(contender, 'cluster', 4);
  try {
    const seconds = Array.from({ length: 100 }, (_, i) => (i + 1) / 1000);
    for (let member = 1; member <= 4; member++) await stage.order(member, { do: 'observe', seconds });
    const { text } = await stage.scrape();
    const found = (series: string): string => {
      const value = sampleValue(text, series);
      return value === undefined ? 'not shown' : String(Number(value.toPrecision(3)));
    };
    return [
      { what: 'median of a summary over four workers, s', truth: '0.05', found: found('took{quantile="0.5"}') },
      { what: '  its 99th percentile, s', truth: '0.099', found: found('took{quantile="0.99"}') },
      { what: '  its count', truth: '400', found: found('took_count') },
    ];
  } finally {
    await stage.strike();
  }
};

/** Threads that end: one in order, one by `terminate()`. */
export const endingThreads: Scenario = async (contender) => {
  const stage = await Stage.set(contender, 'threads', 3);
  try {
    for (const [i, jobs] of [1000, 500, 20].entries()) await stage.order(i + 1, { do: 'count', jobs });
    const before = await stage.scrape();
    await stage.order(2, { do: 'end' });
    const ended = await stage.scrape();
    await stage.command({ what: 'kill', member: 1 });
    const terminated = await stage.scrape();
    const again = await stage.scrape();
    return [
      { what: 'three threads', truth: `${JOBS} 1520`, found: answerText(before, JOBS) },
      { what: '  after one ended in order', truth: `${JOBS} 1520`, found: answerText(ended, JOBS) },
      { what: '  after another one was terminated', truth: `${JOBS} 1520`, found: answerText(terminated, JOBS) },
      { what: '  the scrape after that', truth: `${JOBS} 1520`, found: answerText(again, JOBS) },
    ];
  } finally {
    await stage.strike();
  }
};
