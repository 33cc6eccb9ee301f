import type { MetricKind } from './recorded.js';

/** What is left of a records message once it is decoded: measurements that make sense, and the reasons why others do not. */

/** What was measured, apart from the value: the same for many records, and mostly the same object. */
export interface RecordHead {
  /** Class or module of the root call; empty outside of any call. */
  readonly item: string;
  readonly metric: MetricKind;
  readonly units: string;
  readonly job: string;
  /** Call path, `Owner:root.child`; empty outside of any call. */
  readonly method: string;
  /** Labels without `error_raised`, as they came. */
  readonly labelNames: readonly string[];
  readonly labelValues: readonly string[];
  /** Undefined where the sender does not tell. */
  readonly errorRaised: boolean | undefined;
}

/** One measurement, with the operations of its kind. */
export type DecodedRecord =
  | { readonly head: RecordHead; readonly operation: 'dec' | 'inc' | 'observe' | 'set'; readonly value: number }
  | { readonly head: RecordHead; readonly operation: 'info'; readonly value: readonly InfoPair[] }
  | { readonly head: RecordHead; readonly operation: 'state'; readonly value: string };

export type InfoPair = readonly [name: string, value: string];

/** Why a record was left out. Collectors count by these words, so they stay as they are. */
export type RecordRefusal =
  /** No metric kind of this name. */
  | 'kind_unknown'
  /** A label value that is a list or an object, or `error_raised` that is no truth value. */
  | 'labels_invalid'
  /** More labels, or pairs of an info, than the limit. */
  | 'labels_limit'
  /** No object, or one in which a field is missing, comes twice or has another type. */
  | 'malformed'
  /** A label name that Prometheus or phanos does not allow, or one that comes twice. */
  | 'name_invalid'
  /** No operation of this kind of metric. */
  | 'operation_unknown'
  /** A text longer than the limit. */
  | 'text_limit'
  /** A value that the operation can't take; null is what Python's NaN and infinities become on the wire. */
  | 'value_invalid';

export interface DecodedRecords {
  readonly records: readonly DecodedRecord[];
  /** Records that were left out, by reason. */
  readonly refused: ReadonlyMap<RecordRefusal, number>;
  /** Why nothing of the message can be read; there are no records then. */
  readonly fault: string | undefined;
}
