import { escapeLabelValue } from '../../exposition/label-text.js';
import type { InfoState } from '../../record/batch.js';
import type { CollectorLimits } from '../limits.js';
import { hiddenBy } from './group.js';
import { appendLabel } from './label-order.js';
import type { RefusalReason } from './refusal.js';
import { isLabelName } from './schema-check.js';
import type { StateIntake, StateRules } from './state-rules.js';
import type { StateMode } from './state-series.js';

const PRESENT: StateMode = {
  name: 'present',
  live: true,
  byWorker: false,
  fold: () => 1,
  bequeath() {
    throw new TypeError('infos are shown only while their producers live');
  },
};

/** Infos show their pairs as labels of a constant 1, once for all living producers that say the same. */
export function infoRules(limits: CollectorLimits): StateRules<'info'> {
  return {
    kind: 'info',
    states: [],
    isChangedByRepetition: false,
    mode: () => PRESENT,
    intake({ labelNames }): StateIntake<'info'> {
      const hidden = hiddenBy(labelNames);
      return {
        mode: PRESENT,
        refusal: ({ pairs }) => pairsRefusal(pairs, labelNames, limits),
        value: () => 1,
        place({ pairs }, labels, key, { group }) {
          const entries = Object.entries(pairs);
          const show = (text: string): string => group.hide(text, hidden, hidden | hiddenBy(Object.keys(pairs)));
          return {
            labels: entries.reduce((text, pair) => appendLabel(text, pairText(pair)), show(labels)),
            // Neither their order nor empty ones make a difference to Prometheus.
            key: entries
              .filter(([, value]) => value !== '')
              .map(pairText)
              .sort()
              .reduce(appendLabel, show(key)),
          };
        },
      };
    },
  };
}

function pairText([name, value]: readonly [string, string]): string {
  return `${name}="${escapeLabelValue(value)}"`;
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
