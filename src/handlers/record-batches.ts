import { recordText } from '../record/record-body.js';
import type { Recorded } from '../record/recorded.js';

/** What {@link RecordBatches} work on. */
export interface RecordBatchesOptions {
  /** Records that make a message full. */
  readonly records: number;
  /** Milliseconds after which a message goes out, full or not. */
  readonly delay: number;
  /** Takes the body of a message. */
  readonly full: (job: string, text: string, records: number) => void;
}

/** A message that is not yet full. */
interface Unfinished {
  readonly job: string;
  text: string;
  records: number;
}

/** UTF-16 units that make a message full. */
const FULL = 65_536;

/** Brings the records of several roots together in one message. A message holds one metric of one job, as messages of the original do. */
export class RecordBatches {
  readonly #options: RecordBatchesOptions;
  /** By metric, then job. */
  readonly #unfinished = new Map<string, Map<string, Unfinished>>();
  #records = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RecordBatchesOptions) {
    this.#options = options;
  }

  /** Records that wait for others. */
  get records(): number {
    return this.#records;
  }

  /** All of one metric. */
  add(metricName: string, records: readonly Recorded[]): void {
    for (const record of records) this.#add(metricName, record);
    if (this.#records > 0) this.#timer ??= setTimeout(() => this.flush(), this.#options.delay).unref();
  }

  /** Hands over what there is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const jobs of this.#unfinished.values()) for (const batch of jobs.values()) this.#finish(batch);
    this.#unfinished.clear();
  }

  #add(metricName: string, record: Recorded): void {
    const jobs = this.#unfinished.get(metricName) ?? new Map<string, Unfinished>();
    const batch = jobs.get(record.job) ?? { job: record.job, text: '', records: 0 };
    this.#unfinished.set(metricName, jobs);
    jobs.set(record.job, batch);
    batch.text += `${batch.records === 0 ? '[' : ','}${recordText(record)}`;
    batch.records++;
    this.#records++;
    if (batch.records < this.#options.records && batch.text.length < FULL) return;
    jobs.delete(record.job);
    this.#finish(batch);
  }

  #finish({ job, text, records }: Unfinished): void {
    this.#records -= records;
    this.#options.full(job, `${text}]`, records);
  }
}
