/** Why a reader left rows out of a batch. The words are those that a collector counts by, so they stay as they are. */
export type RowRefusal =
  /** The bounds of a histogram do not ascend, or are not finite. */
  | 'bounds_invalid'
  /** An exemplar that makes no sense, or that its kind has not; its observation counts. */
  | 'exemplar_invalid'
  /** A label value longer than the limit. */
  | 'label_value_limit'
  /** Label values that do not fit the label names, or that are not in the string table. */
  | 'labels_invalid'
  /** More labels, or pairs of an info, than the limit. */
  | 'labels_limit'
  /** Not the shape of a family or row at all. */
  | 'malformed'
  /** A pair of an info whose name came before or can't be one. */
  | 'name_invalid'
  /** A state that the enum does not have. */
  | 'state_unknown'
  /** A number that the kind can't take. */
  | 'value_invalid';

/** Rows of one family that were left out for the same reason. */
export interface RefusedRows {
  /** Name of the family as it came; empty if it can't be told. */
  readonly family: string;
  readonly reason: RowRefusal;
  /** How many; a family that was left out counts as one row at least. */
  readonly rows: number;
  /** Where the first one is: `families[3].rows[17]`. */
  readonly path: string;
}

/** Entries with a name of their own; a body must not make anybody keep more. */
const MAX_NAMED = 100;

/** Counts what is left out of one batch. */
export class RefusalTally {
  readonly #refused = new Map<string, { family: string; reason: RowRefusal; rows: number; path: string }>();

  get all(): readonly RefusedRows[] {
    return [...this.#refused.values()];
  }

  /** @param index of the row in its list; undefined for a whole family */
  count(family: string, reason: RowRefusal, rows: number, path: string, index?: number): void {
    const key = `${reason} ${family}`;
    const known = this.#refused.get(key);
    if (known !== undefined) known.rows += rows;
    else if (family !== '' && this.#refused.size >= MAX_NAMED) this.count('', reason, rows, path, index);
    else this.#refused.set(key, { family, reason, rows, path: index === undefined ? path : `${path}[${index}]` });
  }
}
