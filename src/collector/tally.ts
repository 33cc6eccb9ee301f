/** Family names that are told apart; what comes later is counted under an empty name, so that bad data can't grow the tally without end. */
const MAX_FAMILIES = 1000;

/** Counts rows by family and reason. */
export class Tally<Reason extends string> {
  readonly #families = new Map<string, Map<Reason, number>>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  count(family: string, reason: Reason, rows = 1): void {
    this.#total += rows;
    const reasons = this.#reasonsOf(family);
    reasons.set(reason, (reasons.get(reason) ?? 0) + rows);
  }

  /** Rows of one family counted under this reason, or of all of them. */
  of(reason: Reason, family?: string): number {
    if (family !== undefined) return this.#families.get(family)?.get(reason) ?? 0;
    let sum = 0;
    for (const reasons of this.#families.values()) sum += reasons.get(reason) ?? 0;
    return sum;
  }

  *entries(): Generator<readonly [family: string, reason: Reason, rows: number], void, undefined> {
    for (const [family, reasons] of this.#families) for (const [reason, rows] of reasons) yield [family, reason, rows];
  }

  #reasonsOf(family: string): Map<Reason, number> {
    const known = this.#families.get(family);
    if (known !== undefined) return known;
    if (this.#families.size >= MAX_FAMILIES && family !== '') return this.#reasonsOf('');
    const reasons = new Map<Reason, number>();
    this.#families.set(family, reasons);
    return reasons;
  }
}
