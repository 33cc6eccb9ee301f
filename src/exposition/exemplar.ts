import type { ExposedExemplar } from './exposed-family.js';
import { wellFormed } from './label-text.js';

/** Exemplars that no reader can object to. */

/** Characters that all names and values of an exemplar may have together, in OpenMetrics and in Prometheus. */
const MAX_CHARACTERS = 128;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** As it is shown: in the unit of the family's samples. */
export interface ShownExemplar {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number | undefined;
}

/** Undefined for one that a reader would refuse, and the whole scrape with it. */
export function shownExemplar(exemplar: ExposedExemplar | undefined, divisor: number): ShownExemplar | undefined {
  if (exemplar === undefined) return undefined;
  let characters = 0;
  const labels = new Map<string, string>();
  for (const [name, value] of exemplar.labels) {
    if (!LABEL_NAME.test(name) || labels.has(name)) return undefined;
    const shown = wellFormed(String(value));
    if (shown.includes('\0')) return undefined;
    labels.set(name, shown);
    characters += name.length + Array.from(shown).length;
  }
  if (characters > MAX_CHARACTERS || typeof exemplar.value !== 'number') return undefined;
  const { timestamp } = exemplar;
  return {
    labels: [...labels],
    value: exemplar.value / divisor,
    timestamp: timestamp !== undefined && Number.isFinite(timestamp) && timestamp >= 0 ? timestamp / 1000 : undefined,
  };
}
