/** Why rows were not applied. The words are label values of `phanos_collector_refused_rows_total`, so they stay as they are. */
export type RefusalReason =
  /** The bounds of a histogram do not ascend, or are not finite. */
  | 'bounds_invalid'
  /** The family has another kind. */
  | 'kind_conflict'
  /** Label values that do not fit the label names, or that are no strings. */
  | 'labels_invalid'
  /** More labels than the limit. */
  | 'labels_limit'
  /** A label value longer than the limit. */
  | 'label_value_limit'
  /** Not the shape of a family or row at all. */
  | 'malformed'
  /** Another family writes samples under one of the family's names. */
  | 'name_conflict'
  /** A metric or label name that Prometheus does not understand, or that is reserved. */
  | 'name_invalid'
  /** A new label set beyond the limit, of a kind that can't be folded. */
  | 'series_limit'
  /** An enum without states, or a state that its schema does not have. */
  | 'state_unknown'
  /** The family has another unit. */
  | 'unit_conflict'
  /** A number that this kind can't take. */
  | 'value_invalid';

/** What was done to rows so that they could be applied after all. */
export type AdjustmentReason =
  /** Counts of a histogram with other bounds were put into the lowest bound of the family that holds them. */
  | 'bounds_differ'
  /** The row was folded into the overflow series. */
  | 'series_limit';
