import { escapeLabelValue } from '../../exposition/label-text.js';
import type { FamilySchema } from '../../record/batch.js';
import type { Accumulator, Intake } from './accumulator.js';

/** Enums show the state that came last; the states of all producers unite, in order of first appearance. */
export function enumAccumulator(family: FamilySchema): Accumulator<'enum'> {
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
  return {
    stride: 1,
    additive: false,
    bounds: [],
    states,
    intake(schema): Intake<'enum'> {
      unite(schema);
      return {
        refusal: ({ state }) => (schema.states.includes(state) ? undefined : 'state_unknown'),
        apply({ state }, { cells, offset }) {
          cells[offset] = texts.indexOf(escapeLabelValue(state));
        },
      };
    },
  };
}
