/** A record: one measurement as an object, in the form that Python phanos gives to its handlers. */

/** The six kinds of Prometheus metrics. */
export type MetricKind = 'counter' | 'enum' | 'gauge' | 'histogram' | 'info' | 'summary';

/** What an operation carried: a number, the state of an enum, or the pairs of an info. */
export type RecordValue = number | string | Readonly<Record<string, unknown>>;

/** One measurement. Field order is the order of the wire. */
export interface Recorded {
  /** Class or module of the root call; empty outside of any call. */
  readonly item: string;
  readonly metric: MetricKind;
  /** Unit as the user gave it, for example `mS` or `B`. */
  readonly units: string;
  readonly job: string;
  /** Call path, `Owner:root.child`; empty outside of any call. */
  readonly method: string;
  /** Label values by name; `error_raised`, a boolean, comes last. */
  readonly labels: Readonly<Record<string, string | boolean>>;
  /** Name of the operation and its value. Durations are milliseconds rounded to two decimals. */
  readonly value: readonly [operation: string, value: RecordValue];
}
