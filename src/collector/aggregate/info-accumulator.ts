import { escapeLabelValue } from '../../exposition/label-text.js';
import type { InfoState } from '../../record/batch.js';
import type { CollectorLimits } from '../limits.js';
import type { Accumulator, Intake } from './accumulator.js';
import type { RefusalReason } from './refusal.js';
import { isLabelName } from './schema-check.js';

/** Infos show the pairs that came last as labels of a constant 1. */
export function infoAccumulator(limits: CollectorLimits): Accumulator<'info'> {
  return {
    stride: 1,
    additive: false,
    bounds: [],
    states: [],
    intake({ labelNames }): Intake<'info'> {
      return {
        refusal: ({ pairs }) => pairsRefusal(pairs, labelNames, limits),
        apply({ pairs }, series, labels) {
          const shown = Object.entries(pairs).map(([name, value]) => `${name}="${escapeLabelValue(value)}"`);
          series.labels = (labels === '' ? shown : [labels, ...shown]).join(',');
          series.cells[series.offset] = 1;
        },
      };
    },
  };
}

function pairsRefusal(pairs: InfoState['pairs'], labelNames: readonly string[], limits: CollectorLimits): RefusalReason | undefined {
  if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) return 'malformed';
  const entries = Object.entries(pairs);
  if (entries.length + labelNames.length > limits.labels) return 'labels_limit';
  for (const [name, value] of entries) {
    if (!isLabelName(name) || labelNames.includes(name)) return 'name_invalid';
    if (typeof value !== 'string') return 'labels_invalid';
    if (value.length > limits.labelValueLength) return 'label_value_limit';
  }
  return undefined;
}
