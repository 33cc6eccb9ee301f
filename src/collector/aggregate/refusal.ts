/** Why rows were not applied. The words are label values of `phanos_collector_refused_rows_total`, so they stay as they are. */
export type RefusalReason =
  /** The bounds of a histogram do not ascend, or are not finite. */
  | 'bounds_invalid'
  /** An exemplar that makes no sense, or that its kind has not; its observation counts. */
  | 'exemplar_invalid'
  /** A new family, where there are as many as there may be. */
  | 'family_limit'
  /** The family has another kind. */
  | 'kind_conflict'
  /** Label values that do not fit the label names, or that are no strings. */
  | 'labels_invalid'
  /** More labels than the limit, in a series or in all series of the family. */
  | 'labels_limit'
  /** A label value longer than the limit, of a kind that can't be folded, or a fact of an info. */
  | 'label_value_limit'
  /** Not the shape of a family or row at all. */
  | 'malformed'
  /** The states of the enum are counted, and these would be shown, or the other way round. */
  | 'merge_conflict'
  /** The kind can't be merged like that. */
  | 'merge_unknown'
  /** Another family writes samples under one of the family's names. */
  | 'name_conflict'
  /** A metric or label name that Prometheus does not understand, or that is reserved. */
  | 'name_invalid'
  /** A sketch that can't be kept: no whole buckets, quantiles beyond 0 and 1, a window of no time. */
  | 'sketch_invalid'
  /** An enum without states, or a state that its schema does not have. */
  | 'state_unknown'
  /** An enum with more states than anybody can look at. */
  | 'states_limit'
  /** The family has another unit. */
  | 'unit_conflict'
  /** A number that this kind can't take. */
  | 'value_invalid'
  /** A new label set of a kind that can't be folded. */
  | SeriesLimit;

/** What was done to rows so that they could be applied after all. */
export type AdjustmentReason =
  /** Counts of a histogram with other bounds were put into the lowest bound of the family that holds them. */
  | 'bounds_differ'
  /** A series was brought to the bounds that live producers have; those of the family were no longer in use. */
  | 'bounds_replaced'
  /** An exemplar was left out: there are as many as there may be. */
  | 'exemplar_limit'
  /** The family declares a label `job` or `instance` of its own, which stands where that of the producer would. */
  | 'identity_label'
  /** The series was merged in another way before. */
  | 'merge_differs'
  /** A label set of a kind that adds up stays, because other producers wrote to it too, or because younger batches overtook its removal. */
  | 'removal_ignored'
  /** A histogram that is shown with sketches was counted in buckets only; each count stands at the upper bound of its bucket. */
  | 'sketch_missing'
  /** The row was folded into the overflow series: a label value was longer than the limit. */
  | 'label_value_limit'
  /** The row came as one of the overflow series: its producer has reached a limit of its own. */
  | 'producer_limit'
  /** The row was folded into the overflow series: it would have made a new one. */
  | SeriesLimit;

/** Which limit a new label set is beyond: that of its family, of its job, or that of everything. */
export type SeriesLimit = 'series_limit' | 'job_series_limit' | 'total_series_limit';
