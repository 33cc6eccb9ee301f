import type { ExposedSeries } from '../../exposition/exposed-family.js';
import { escapeLabelValue } from '../../exposition/label-text.js';
import type { FamilySchema } from '../../record/batch.js';
import { appendLabel } from './label-order.js';
import type { StateIntake, StateRules } from './state-rules.js';
import { newestHolder, type StateMode, type StateSeries } from './state-series.js';

/** Of a producer that is forgotten nothing stays. */
const bequeath = (): never => {
  throw new TypeError('states of enums count only while their producers live');
};

/** The state of the living producer that changed last. */
const STATE: StateMode = { name: 'state', live: true, byWorker: false, fold: (series) => newestHolder(series)?.value ?? 0, bequeath };

/** How many living producers are in each state: a gauge, for what it shows are numbers. */
const COUNT: StateMode = { name: 'count', live: true, byWorker: false, fold: () => 0, bequeath };

/** The states of all producers unite, in order of first appearance. */
export function enumRules(family: FamilySchema): StateRules<'enum'> {
  const states: string[] = [];
  /** The states as they are written: two that are written alike are one. */
  const texts: string[] = [];
  const unite = (schema: FamilySchema): void => {
    for (const state of schema.states) {
      const text = escapeLabelValue(state);
      if (texts.includes(text)) continue;
      states.push(state);
      texts.push(text);
    }
  };
  unite(family);
  const isCounted = family.merge === 'count';
  const mode = isCounted ? COUNT : STATE;
  const counts = new StateCounts(family.name, texts);
  return {
    kind: isCounted ? 'gauge' : 'enum',
    states,
    isChangedByRepetition: false,
    mode: () => mode,
    intake(schema): StateIntake<'enum'> {
      unite(schema);
      return {
        mode,
        refusal: ({ state }) => (schema.states.includes(state) ? undefined : 'state_unknown'),
        value: ({ state }) => texts.indexOf(escapeLabelValue(state)),
      };
    },
    ...(isCounted && { shown: (series: StateSeries) => counts.of(series) }),
  };
}

/** For each series one number a state, each under the state as a further label. */
class StateCounts {
  readonly #name: string;
  readonly #texts: readonly string[];
  readonly #counts = new WeakMap<StateSeries, ExposedSeries[]>();

  constructor(name: string, texts: readonly string[]) {
    this.#name = name;
    this.#texts = texts;
  }

  of(series: StateSeries): readonly ExposedSeries[] {
    const counts = this.#counts.get(series) ?? [];
    this.#counts.set(series, counts);
    for (const text of this.#texts.slice(counts.length)) {
      counts.push({ labels: appendLabel(series.labels, `${this.#name}="${text}"`), cells: new Float64Array(1), offset: 0 });
    }
    for (const { cells } of counts) cells[0] = 0;
    for (let holding = series.holders; holding !== undefined; holding = holding.next) {
      if (holding.contributor.live) counts[holding.value]!.cells[0]! += 1;
    }
    return counts;
  }
}
