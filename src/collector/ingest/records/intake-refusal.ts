import type { RecordRefusal } from '../../../record/decoded-record.js';

/** Why a record was not applied. The words are label values of `phanos_collector_refused_records_total`, so they stay as they are. */
export type IntakeRefusal =
  | RecordRefusal
  /** The job sends batches too, so that its records would count a second time. */
  | 'job_sends_batches'
  /** More jobs than one message may have. */
  | 'jobs_limit'
  /** No room for one more producer, which each job of records is. */
  | 'producers_limit'
  /** A rule leaves it out. */
  | 'rule'
  /** An enum that has too many states already. */
  | 'states_limit';
