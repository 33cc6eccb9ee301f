import type { Batch } from '../../record/batch.js';

/** Sums of operations, for one producer or for all. `produced` = `applied` + `dropped` + what is still under way. */
export interface OperationTotals {
  /** Handed over by the producer since the collector knows it. */
  readonly produced: number;
  /** In batches that were applied. */
  readonly applied: number;
  /** Given up by the producer, as it says. */
  readonly dropped: number;
}

/** What became of the operations of one producer, as far as the collector can know. */
export class ProducerTotals implements OperationTotals {
  applied = 0;
  /** Batches that came again. */
  duplicates = 0;
  #told = 0;
  #toldDropped = 0;
  /** What the producer had handed over, and dropped, before the first batch that counts here. */
  #before: number;
  #droppedBefore: number;

  /** @param begins true if the collector knows the producer from its first batch on */
  constructor(begins: boolean) {
    this.#before = begins ? 0 : Number.POSITIVE_INFINITY;
    this.#droppedBefore = begins ? 0 : Number.POSITIVE_INFINITY;
  }

  get produced(): number {
    return Math.max(0, this.#told - this.#before);
  }

  get dropped(): number {
    return Math.max(0, this.#toldDropped - this.#droppedBefore);
  }

  /** Operations that were announced and neither came nor were given up. */
  get underway(): number {
    return Math.max(0, this.produced - this.applied - this.dropped);
  }

  /**
   * Takes in what a batch says of its producer. Nonsense is ignored.
   * @param isNew whether its own operations count, now or soon
   */
  hear({ produced, dropped, ops }: Batch, isNew: boolean): void {
    if (isTotal(produced) && isTotal(ops) && ops <= produced) {
      this.#told = Math.max(this.#told, produced);
      if (isNew || this.#before === Number.POSITIVE_INFINITY) this.#before = Math.min(this.#before, isNew ? produced - ops : produced);
    }
    if (isTotal(dropped)) {
      this.#toldDropped = Math.max(this.#toldDropped, dropped);
      if (isNew || this.#droppedBefore === Number.POSITIVE_INFINITY) this.#droppedBefore = Math.min(this.#droppedBefore, dropped);
    }
  }

  /** Whether a batch that is not new says more than is known. */
  learnFrom({ produced, dropped, ops }: Batch): boolean {
    const isMore = isTotal(produced) && isTotal(ops) && ops <= produced && produced > this.#told;
    return isMore || (isTotal(dropped) && dropped > this.#toldDropped);
  }

  copy(): TotalsCopy {
    const plain = (value: number): number => (Number.isFinite(value) ? value : -1);
    return [this.applied, this.duplicates, this.#told, this.#toldDropped, plain(this.#before), plain(this.#droppedBefore)];
  }

  restore([applied, duplicates, told, toldDropped, before, droppedBefore]: TotalsCopy): void {
    const full = (value: number): number => (value < 0 ? Number.POSITIVE_INFINITY : value);
    this.applied = applied;
    this.duplicates = duplicates;
    this.#told = told;
    this.#toldDropped = toldDropped;
    this.#before = full(before);
    this.#droppedBefore = full(droppedBefore);
  }
}

/** As JSON can carry it. */
export type TotalsCopy = readonly [
  applied: number,
  duplicates: number,
  told: number,
  toldDropped: number,
  before: number,
  droppedBefore: number,
];

/** Whether this is a number of operations. */
export function isTotal(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
