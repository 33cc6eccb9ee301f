import { wallClock } from '../diagnostics/clock.js';
import type { ExemplarDelta, LabelValues } from '../record/batch.js';
import { exemplarFault } from '../record/exemplar.js';
import { activeSpanLabels } from './active-span.js';
import { shownError } from './refusal.js';
import type { SeriesOwner } from './series.js';

/** How an operation is recorded, beside its value and labels. */
export interface ExemplarOptions {
  /**
   * Labels by which this very operation can be found, such as `{ trace_id: '…' }`. Names are letters, digits and `_`; names and values have 128 characters
   * together at most.
   */
  readonly exemplar?: Readonly<Record<string, string | number | boolean>>;
}

type Kept = Omit<ExemplarDelta, 'labelValues'>;

/** The exemplars of one series since the last drain: one a bucket at most. */
export class ExemplarSlots {
  readonly #samples: boolean;
  #slots: (Kept | undefined)[] = [];

  /** @param samples false if only what users give is kept */
  constructor(samples: boolean) {
    this.#samples = samples;
  }

  /**
   * Keeps the running span for this bucket, unless there is one already: whoever looks for an example needs one of late, not the last of all, and so a call
   * costs next to nothing.
   */
  sample(bucket: number, value: number): void {
    if (!this.#samples || this.#slots[bucket] !== undefined) return;
    const labels = activeSpanLabels();
    if (labels === undefined || exemplarFault(labels) !== undefined) return;
    this.#slots[bucket] = { labels, value, timestamp: wallClock() };
  }

  /** Keeps what the user gave; what can't be kept is counted. */
  put(bucket: number, value: number, exemplar: object, table: SeriesOwner): void {
    const labels = readLabels(exemplar, table);
    if (labels !== undefined) this.#slots[bucket] = { labels, value, timestamp: wallClock() };
  }

  take(labelValues: LabelValues, into: ExemplarDelta[]): void {
    if (this.#slots.length === 0) return;
    for (const kept of this.#slots) if (kept !== undefined) into.push({ labelValues, ...kept });
    this.#slots = [];
  }

  clear(): void {
    this.#slots = [];
  }
}

function readLabels(exemplar: object, table: SeriesOwner): Kept['labels'] | undefined {
  try {
    const labels = Object.entries(exemplar).map(([name, value]) => [name, String(value)] as const);
    const fault = exemplarFault(labels);
    if (fault === undefined) return labels;
    table.dropExemplar(
      fault === 'length'
        ? 'names and values of its labels have more than 128 characters'
        : `use letters, digits and _ for the names of its labels, given: ${Object.keys(exemplar).join(', ')}`,
    );
  } catch (error) {
    table.dropExemplar(`its labels can't be read: ${shownError(error)}`);
  }
  return undefined;
}
