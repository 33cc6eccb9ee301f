import { escapeLabelValue } from '../../exposition/label-text.js';
import type { LabelValues } from '../../record/batch.js';
import { type Group, hiddenBy } from './group.js';
import type { RefusalReason } from './refusal.js';

/** Names that the label sets of one family may have together: a batch may come from a program that makes them up. */
const MOST_NAMES = 256;

/**
 * The order in which a family writes its labels: that of their first declaration, behind those of the producer's identity.
 *
 * All label-name sets of a family share it, so that producers which declare the same labels in another order meet in the same series.
 */
export class LabelOrder {
  readonly #names: string[] = [];

  get names(): readonly string[] {
    return this.#names;
  }

  /** Which labels of the identity any of the label sets may do without; which one a series was made with, nobody keeps. See {@link hiddenBy}. */
  get hidden(): number {
    return hiddenBy(this.#names);
  }

  /** Whether label sets with these names may be added. */
  hasRoom(names: readonly string[]): boolean {
    return this.#names.length + names.filter((name) => !this.#names.includes(name)).length <= MOST_NAMES;
  }

  /** How label sets with these names are written. */
  shape(names: readonly string[]): LabelShape {
    for (const name of names) if (!this.#names.includes(name)) this.#names.push(name);
    const labels = this.#names.filter((name) => names.includes(name)).map((name) => ({ name, position: names.indexOf(name) }));
    return new LabelShape(labels, hiddenBy(names));
  }
}

/** Turns the label values of one set of label names into text. */
export class LabelShape {
  /** Labels of the identity that are not written, since labels of this family have their names; see {@link Group.prefix}. */
  readonly hidden: number;
  readonly #openers: readonly string[];
  readonly #positions: readonly number[];

  constructor(labels: readonly { readonly name: string; readonly position: number }[], hidden: number) {
    this.hidden = hidden;
    this.#openers = labels.map(({ name }) => `${name}="`);
    this.#positions = labels.map(({ position }) => position);
  }

  /** Labels that are written, without those of the identity. */
  get size(): number {
    return this.#positions.length;
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
  text(values: LabelValues, group: Group): string {
    if (values.length < this.#positions.length) return group.overflow;
    let text = group.prefix(this.hidden);
    for (let i = 0; i < this.#positions.length; i++) {
      text += `${text === '' ? '' : ','}${this.#openers[i]}${escapeLabelValue(values[this.#positions[i]!]!)}"`;
    }
    return text;
  }

  /**
   * What tells label sets apart: their text without empty values, since Prometheus takes `a=""` for no label `a` at all.
   * @param text that of the same values
   */
  key(values: LabelValues, text: string, group: Group): string {
    if (!values.includes('')) return text;
    const prefix = group.prefix(this.hidden);
    const kept = prefix === '' ? [] : [prefix];
    for (let i = 0; i < this.#positions.length; i++) {
      const value = values[this.#positions[i]!]!;
      if (value !== '') kept.push(`${this.#openers[i]}${escapeLabelValue(value)}"`);
    }
    return kept.join(',');
  }
}

/** Label text with one more label at its end. */
export function appendLabel(labels: string, label: string): string {
  return labels === '' ? label : `${labels},${label}`;
}
