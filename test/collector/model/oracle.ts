import { GAUGES, type ModelBatch, STATES, stateOf } from './model-batch.js';

/** What a collector should show, reckoned in the simplest way: nothing is ever purged, shared or kept up to date. */

interface Held {
  readonly seq: number;
  /** Undefined where the label set was removed. */
  readonly state: number | undefined;
  /** When it was told last, and when it changed last. */
  readonly told: number;
  readonly changed: number;
}

interface Known {
  readonly worker: string;
  /** All up to `top` were applied or given up. */
  top: number;
  applied: Set<number>;
  life: 'live' | 'silent' | 'ended';
  heardAt: number;
  heartbeat: number;
  lastSeq: number;
  floor: number;
  /** By label; `live` is forgotten at death, `kept` never. */
  live: Map<string, Held>;
  kept: Map<string, Held>;
  wholes: { readonly from: number; readonly seq: number }[];
}

type Held3 = readonly [worker: string, label: string, held: Held];

export class Oracle {
  readonly #producers: Map<string, Known>;
  readonly #counters: Map<string, number>;
  #stamp: number;
  /** Reserved batches by boot and seq; not part of a copy. */
  readonly #pending = new Set<string>();

  constructor(from?: Oracle) {
    this.#producers = from === undefined ? new Map() : structuredClone(from.#producers);
    this.#counters = from === undefined ? new Map() : structuredClone(from.#counters);
    this.#stamp = from === undefined ? 0 : from.#stamp;
  }

  copy(): Oracle {
    return new Oracle(this);
  }

  /** The collector was away until now, and blames nobody for it. */
  wakeUp(now: number): void {
    for (const known of this.#producers.values()) if (known.life === 'live') known.heardAt = now;
  }

  check({ producer, seq, oldest }: ModelBatch): string {
    if (seq >= oldest && this.#pending.has(`${producer.boot} ${seq}`)) return 'later';
    const known = this.#producers.get(producer.boot);
    const top = known?.top ?? oldest - 1;
    return seq < oldest || seq <= top || known?.applied.has(seq) === true ? 'duplicate' : 'new';
  }

  reserve(batch: ModelBatch, now: number): void {
    const known = this.#meet(batch, now);
    if (known.life === 'live') known.heardAt = now;
    this.#pending.add(`${batch.producer.boot} ${batch.seq}`);
  }

  release({ producer, seq }: ModelBatch): void {
    this.#pending.delete(`${producer.boot} ${seq}`);
  }

  apply(batch: ModelBatch, now: number): string {
    const isReserved = batch.seq >= batch.oldest && this.#pending.delete(`${batch.producer.boot} ${batch.seq}`);
    const verdict = isReserved ? 'new' : this.check(batch);
    if (verdict === 'later' && !this.#producers.has(batch.producer.boot)) return verdict;
    const known = this.#meet(batch, now);
    known.heardAt = now;
    known.heartbeat = batch.heartbeat;
    if (known.life === 'silent') known.life = 'live';
    if (verdict === 'later') return verdict;
    known.top = Math.max(known.top, this.#givenUp(batch));
    if (verdict === 'new') known.applied.add(batch.seq);
    while (known.applied.has(known.top + 1)) known.top++;
    if (verdict === 'new') this.#applyNew(known, batch);
    const complete = known.wholes.filter(({ seq }) => seq <= known.top);
    known.wholes = known.wholes.filter(({ seq }) => seq > known.top);
    for (const { from } of complete) {
      for (const states of [known.live, known.kept]) {
        for (const [label, { seq }] of states) if (seq < from) states.delete(label);
      }
    }
    if (verdict === 'new' && batch.goodbye) this.#die(known, 'ended');
    return verdict;
  }

  end(boot: string): void {
    const known = this.#producers.get(boot);
    if (known !== undefined) this.#die(known, 'ended');
  }

  tick(now: number): void {
    for (const [boot, known] of this.#producers) {
      if (known.life !== 'live' || known.heartbeat === 0 || now - known.heardAt < 3 * known.heartbeat) continue;
      // Whoever waits for an answer is not silent.
      if ([...this.#pending].some((key) => key.startsWith(`${boot} `))) known.heardAt = now;
      else this.#die(known, 'silent');
    }
  }

  /** Everything that is to be shown, as `name{labels}: value`. */
  shown(): Record<string, number> {
    const shown: Record<string, number> = {};
    for (const [label, value] of this.#counters) shown[`c_total{a=${label}}`] = value;
    const all = (pick: (known: Known) => Map<string, Held>): Held3[] =>
      [...this.#producers.values()].flatMap((known) =>
        [...pick(known)].filter(([, { state }]) => state !== undefined).map(([label, held]) => [known.worker, label, held] as const),
      );
    const live = all((known) => known.live);
    const kept = all((known) => known.kept);
    for (const merge of GAUGES) this.#showGauge(merge, merge.startsWith('live') ? live : kept, shown);
    for (const [label, held] of groupBy(live, ([, label]) => label)) {
      for (const [, , { state }] of held) shown[`i_info{a=${label},v=${state}}`] = 1;
      const current = stateOf(newest(held, 'changed').state!);
      for (const state of STATES) {
        shown[`e{a=${label},e=${state}}`] = state === current ? 1 : 0;
        shown[`f{a=${label},f=${state}}`] = held.filter(([, , { state: n }]) => stateOf(n!) === state).length;
      }
    }
    return shown;
  }

  #showGauge(merge: (typeof GAUGES)[number], held: readonly Held3[], shown: Record<string, number>): void {
    const keyOf = merge.endsWith('all') ? ([worker, label]: Held3) => `a=${label},worker=${worker}` : ([, label]: Held3) => `a=${label}`;
    for (const [key, group] of groupBy(held, keyOf)) {
      const values = group.map(([, , { state }]) => state!);
      const sum = values.reduce((a, b) => a + b, 0);
      const value = {
        sum,
        avg: sum / values.length,
        min: Math.min(...values),
        max: Math.max(...values),
        mostrecent: newest(group, 'told').state!,
        all: newest(group, 'told').state!,
      }[merge.replace('live', '') as 'sum'];
      shown[`g_${merge}{${key}}`] = value;
    }
  }

  /** What is reserved is not given up. */
  #givenUp({ producer, oldest }: ModelBatch): number {
    const reserved = [...this.#pending].filter((key) => key.startsWith(`${producer.boot} `)).map((key) => Number(key.split(' ').at(-1)));
    return Math.min(oldest, ...reserved) - 1;
  }

  #meet({ producer, oldest }: ModelBatch, now: number): Known {
    const known = this.#producers.get(producer.boot);
    if (known !== undefined) return known;
    const met: Known = {
      worker: producer.worker,
      top: oldest - 1,
      applied: new Set(),
      life: 'live',
      heardAt: now,
      heartbeat: 0,
      lastSeq: 0,
      floor: 0,
      live: new Map(),
      kept: new Map(),
      wholes: [],
    };
    this.#producers.set(producer.boot, met);
    return met;
  }

  #applyNew(known: Known, { seq, told, whole, wholeFrom }: ModelBatch): void {
    const stamp = ++this.#stamp;
    for (const [label, add] of told.adds) this.#counters.set(label, (this.#counters.get(label) ?? 0) + add);
    const write = (states: Map<string, Held>, label: string, state: number | undefined): void => {
      const before = states.get(label);
      if (before !== undefined && before.seq > seq) return;
      const isNew = before?.state === undefined || state === undefined;
      const isOther = isNew || before.state !== state;
      // Enums have fewer states than gauges have values.
      const isOtherState = isNew || stateOf(before.state) !== stateOf(state);
      states.set(label, {
        seq,
        state,
        told: isOther || !whole ? stamp : before.told,
        changed: isOtherState ? stamp : before.changed,
      });
    };
    const writeAll = (label: string, state: number | undefined): void => {
      write(known.kept, label, state);
      if (known.life === 'live' && seq > known.floor) write(known.live, label, state);
    };
    for (const label of told.removed) writeAll(label, undefined);
    for (const [label, state] of told.states) writeAll(label, state);
    if (whole) known.wholes.push({ from: wholeFrom ?? seq, seq });
    known.lastSeq = Math.max(known.lastSeq, seq);
  }

  #die(known: Known, life: 'silent' | 'ended'): void {
    if (known.life === 'live') {
      known.floor = known.lastSeq;
      known.live.clear();
    }
    known.life = life;
  }
}

function newest(held: readonly Held3[], by: 'told' | 'changed'): Held {
  return held.map(([, , each]) => each).reduce((a, b) => (b[by] > a[by] ? b : a));
}

function groupBy(held: readonly Held3[], keyOf: (held: Held3) => string): Map<string, Held3[]> {
  const groups = new Map<string, Held3[]>();
  for (const each of held) groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return groups;
}
