import { escapeLabelValue } from '../../exposition/label-text.js';
import type { FamilySchema, GaugeMerge, GaugeState } from '../../record/batch.js';
import { GAUGE_MODES } from './gauge-modes.js';
import { appendLabel } from './label-order.js';
import { scaleBetween } from './scale.js';
import type { StateIntake, StateRules } from './state-rules.js';

/** Gauges merge as declared, by `livesum` if nothing is; those of `all` workers are told apart by a label. */
export function gaugeRules({ divisor }: FamilySchema): StateRules<'gauge'> {
  return {
    kind: 'gauge',
    states: [],
    isChangedByRepetition: true,
    mode: (name) => GAUGE_MODES[name as GaugeMerge],
    intake({ merge = 'livesum', divisor: incoming }): StateIntake<'gauge'> {
      const scaled = scaleBetween(incoming, divisor);
      const mode = GAUGE_MODES[merge as GaugeMerge];
      return {
        mode,
        refusal: ({ value }: GaugeState) => (typeof value === 'number' ? undefined : 'value_invalid'),
        value: ({ value, relative }, before = 0) => (relative === true ? before + scaled(value) : scaled(value)),
        ...(mode.byWorker && {
          place(_row, labels, key, { worker }) {
            const label = `worker="${escapeLabelValue(worker)}"`;
            return { labels: appendLabel(labels, label), key: worker === '' ? key : appendLabel(key, label) };
          },
        }),
      };
    },
  };
}
