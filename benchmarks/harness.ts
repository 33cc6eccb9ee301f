import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Peer } from './peer.js';
import type { Row } from './row.js';

/** Measures cases: each in a process of its own, round by round in turn, in CPU time, the best round counts. */

/** Work that is repeated and timed. */
export interface Timed {
  /** Does the work `times` times; returns something made of all results, so that none of them is dead code. */
  readonly run: (times: number) => number | Promise<number>;
  /** Throws unless what is measured has really happened. `times` is how often the work was done, warm-up included. */
  readonly verify?: (times: number) => void | Promise<void>;
}

/** Work that measures itself, once a round. The lowest value of each figure counts. */
export interface Probe {
  readonly measure: () => Promise<Figures>;
}

export type Figures = Readonly<Record<string, number>>;
export type MakeCase = () => Timed | Probe | Promise<Timed | Probe>;

/** Cases that are compared with each other. */
export interface Group {
  readonly name: string;
  readonly cases: Readonly<Record<string, MakeCase>>;
  /** Rounds at most, for work that takes seconds; then one process a case has to do. */
  readonly rounds?: number;
  /** Flags of Node.js for the processes of this group. */
  readonly flags?: readonly string[];
  /** @param best the lowest figure of a case: `ns`, CPU time of one repetition, unless another is named */
  /** Libraries that cases need beside this project's own, by the names of the cases; such a case runs in the Node.js of its peer. */
  readonly peers?: Readonly<Record<string, () => Promise<Peer>>>;
  readonly rows: (best: (name: string, figure?: string) => number) => readonly Row[];
}

/** How long to measure. */
export interface Effort {
  /** Times that each case gets a new process: some luck lasts as long as a process, for promises a third of what is measured. */
  readonly processes: number;
  readonly rounds: number;
  /** CPU milliseconds of a round. */
  readonly round: number;
  /** CPU milliseconds before the first round. */
  readonly warmUp: number;
}

export const FULL_EFFORT: Effort = { processes: 3, rounds: 6, round: 40, warmUp: 500 };
export const QUICK_EFFORT: Effort = { processes: 2, rounds: 3, round: 20, warmUp: 400 };

/** Where a case finds its peer: a path. */
export const PEER_MODULE = 'PHANOS_BENCH_PEER';

const MAIN = fileURLToPath(new URL('main.js', import.meta.url));

/** Measures the cases of a group and returns the lowest figures of each. Rejects when a case fails. */
export async function measureGroup(group: Group, effort: Effort): Promise<Map<string, Figures>> {
  const names = Object.keys(group.cases);
  const best = new Map<string, Record<string, number>>(names.map((name) => [name, {}]));
  const rounds = Math.min(group.rounds ?? effort.rounds, effort.rounds);
  const processes = group.rounds === undefined ? effort.processes : 1;
  const execArgv = [...process.execArgv, ...(group.flags ?? [])];
  for (let i = 0; i < processes; i++) {
    const children = new Map<string, ChildProcess>();
    try {
      for (const name of names) {
        const peer = await group.peers?.[name]?.();
        const options = peer === undefined ? {} : { execPath: peer.node, env: { ...process.env, [PEER_MODULE]: peer.module } };
        const child = fork(MAIN, ['--case', group.name, '--case', name, '--effort', JSON.stringify(effort)], { execArgv, ...options });
        children.set(name, child);
        await answerOf(child, `${group.name}: ${name}`);
      }
      for (let round = 0; round < rounds; round++) {
        for (const [name, child] of children) {
          child.send('round');
          keepLowest(best.get(name) as Record<string, number>, await answerOf(child, `${group.name}: ${name}`));
        }
      }
      for (const [name, child] of children) {
        child.send('verify');
        await answerOf(child, `${group.name}: ${name}`);
      }
    } finally {
      for (const child of children.values()) child.kill();
    }
  }
  return best;
}

function keepLowest(best: Record<string, number>, figures: Figures): void {
  for (const [name, value] of Object.entries(figures)) best[name] = Math.min(best[name] ?? Number.POSITIVE_INFINITY, value);
}

async function answerOf(child: ChildProcess, what: string): Promise<Figures> {
  const stop = new AbortController();
  const exit = once(child, 'exit', stop).then(([code, signal]) => {
    throw new Error(`${what}: the process ended with ${code ?? signal}`);
  });
  try {
    const [answer] = (await Promise.race([once(child, 'message', stop), exit])) as [Figures];
    return answer;
  } finally {
    exit.catch(() => undefined);
    stop.abort();
  }
}

/** The other side: a process that measures one case whenever it is told to. */
export async function serveCase(make: MakeCase, effort: Effort): Promise<void> {
  const work = await make();
  const rounds = 'measure' in work ? { next: work.measure, verify: undefined } : await warmUp(work, effort);
  process.on('message', (order) => {
    // What fails here ends the process as an unhandled rejection, and the other side tells.
    void (order === 'round' ? rounds.next() : Promise.resolve(rounds.verify?.()).then(() => ({}))).then((figures) =>
      process.send?.(figures),
    );
  });
  process.send?.({});
}

async function warmUp({ run, verify }: Timed, effort: Effort): Promise<{ next: Probe['measure']; verify: () => Promise<void> }> {
  let total = 0;
  let sink = 0;
  /** CPU milliseconds. */
  const measure = async (times: number): Promise<number> => {
    const before = process.cpuUsage();
    const result = run(times);
    sink += typeof result === 'number' ? result : await result;
    const { user, system } = process.cpuUsage(before);
    total += times;
    return (user + system) / 1000;
  };
  let times = 1;
  for (let spent = 0; spent < effort.warmUp; ) {
    const took = await measure(times);
    spent += took;
    if (took < effort.round / 2) times *= 2;
    else if (took > effort.round * 2) times = Math.max(1, Math.round((times * effort.round) / took));
  }
  return {
    async next() {
      return { ns: ((await measure(times)) * 1e6) / times };
    },
    async verify() {
      if (Number.isNaN(sink)) throw new Error('the results do not add up');
      await verify?.(total);
    },
  };
}
