import { escapeLabelValue } from '../../exposition/label-text.js';
import type { LabelValues } from '../../record/batch.js';
import type { RefusalReason } from './refusal.js';

/** Where label sets beyond the limit are added up. On the wire it has no label values at all. */
export const OVERFLOW = 'phanos_overflow="true"';

/**
 * The order in which a family writes its labels: that of their first declaration.
 *
 * All label-name sets of a family share it, so that producers which declare the same labels in another order meet in the same series.
 */
export class LabelOrder {
  readonly #names: string[] = [];

  /** How label sets with these names are written. */
  shape(names: readonly string[]): LabelShape {
    for (const name of names) if (!this.#names.includes(name)) this.#names.push(name);
    return new LabelShape(this.#names.filter((name) => names.includes(name)).map((name) => ({ name, position: names.indexOf(name) })));
  }
}

/** Turns the label values of one set of label names into text. */
export class LabelShape {
  readonly #openers: readonly string[];
  readonly #positions: readonly number[];

  constructor(labels: readonly { readonly name: string; readonly position: number }[]) {
    this.#openers = labels.map(({ name }) => `${name}="`);
    this.#positions = labels.map(({ position }) => position);
  }

  /** Why these values can't be written, or undefined if they can. */
  refusal(values: LabelValues, maxLength: number): RefusalReason | undefined {
    if (!Array.isArray(values) || (values.length !== this.#positions.length && values.length > 0)) return 'labels_invalid';
    for (let i = 0; i < values.length; i++) {
      const value: unknown = values[i];
      if (typeof value !== 'string') return 'labels_invalid';
      if (value.length > maxLength) return 'label_value_limit';
    }
    return undefined;
  }

  /** The labels as they stand between the braces. */
  text(values: LabelValues): string {
    if (values.length < this.#positions.length) return OVERFLOW;
    let text = '';
    for (let i = 0; i < this.#positions.length; i++) {
      text += `${i === 0 ? '' : ','}${this.#openers[i]}${escapeLabelValue(values[this.#positions[i]!]!)}"`;
    }
    return text;
  }

  /**
   * What tells label sets apart: their text without empty values, since Prometheus takes `a=""` for no label `a` at all.
   * @param text that of the same values
   */
  key(values: LabelValues, text: string): string {
    if (!values.includes('')) return text;
    const kept: string[] = [];
    for (let i = 0; i < this.#positions.length; i++) {
      const value = values[this.#positions[i]!]!;
      if (value !== '') kept.push(`${this.#openers[i]}${escapeLabelValue(value)}"`);
    }
    return kept.join(',');
  }
}
