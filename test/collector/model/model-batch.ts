import type { Batch, FamilyDelta, GaugeMerge } from '../../../src/record/batch.js';
import { aDelta, aSchema } from '../a-batch.js';
import { aHistogram } from '../observed.js';

/** What the model's producers tell: few label sets and small numbers, so that much of it meets. */
export interface Told {
  /** Added to a counter, and observed by a histogram with a sketch. */
  readonly adds: readonly (readonly [label: string, add: number])[];
  /** The state of a label set: of a gauge in each mode, of an info, and of two enums. */
  readonly states: readonly (readonly [label: string, state: number])[];
  /** Label sets whose state is gone. */
  readonly removed: readonly string[];
}

export const GAUGES = [
  'livesum',
  'sum',
  'livemax',
  'max',
  'livemostrecent',
  'mostrecent',
  'liveall',
  'all',
  'avg',
  'livemin',
] as const satisfies GaugeMerge[];
export const STATES = ['s0', 's1', 's2'] as const;

const labelNames = ['a'];
const COUNTER = aSchema({ name: 'c', labelNames });
const INFO = aSchema({ name: 'i', labelNames });
const SHOWN = aSchema({ name: 'e', labelNames, states: STATES });
const COUNTED = aSchema({ name: 'f', labelNames, states: STATES, merge: 'count' });
const SCHEMAS = GAUGES.map((merge) => aSchema({ name: `g_${merge}`, labelNames, merge }));

/** A batch of the model, with what it tells. */
export interface ModelBatch extends Batch {
  readonly told: Told;
}

export function familiesOf({ adds, states, removed }: Told): FamilyDelta[] {
  const gone = removed.map((label) => [label]);
  return [
    ...adds.map(([label, add]) => aHistogram({ labelNames, labelValues: [label], values: [add, -add] })),
    aDelta(
      'counter',
      COUNTER,
      adds.map(([label, add]) => ({ labelValues: [label], add })),
    ),
    ...SCHEMAS.map((schema) =>
      aDelta(
        'gauge',
        schema,
        states.map(([label, value]) => ({ labelValues: [label], value })),
        gone,
      ),
    ),
    aDelta(
      'info',
      INFO,
      states.map(([label, state]) => ({ labelValues: [label], pairs: { v: `${state}` } })),
      gone,
    ),
    ...[SHOWN, COUNTED].map((schema) =>
      aDelta(
        'enum',
        schema,
        states.map(([label, state]) => ({ labelValues: [label], state: stateOf(state) })),
        gone,
      ),
    ),
  ];
}

export function stateOf(state: number): (typeof STATES)[number] {
  return STATES[state % STATES.length]!;
}
