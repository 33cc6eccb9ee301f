import type { Batch } from './batch.js';
import { wholeDocument } from './batch-splitter.js';

/**
 * Encodes a batch as one JSON document that needs nothing else to be understood. It does not fail on numbers or labels that make no sense: the rows
 * that have them are refused by the reader.
 *
 * ```json
 * { "version": 2, "producer": { "job": "shop", "instance": "web-1", "worker": "0", "boot": "k3v9" },
 *   "seq": 7, "oldest": 6, "heartbeat": 5000, "ops": 12, "produced": 90, "dropped": 0, "whole": false, "goodbye": false,
 *   "strings": ["GET", "/cart", "POST"],
 *   "families": [
 *     { "kind": "histogram",
 *       "schema": { "name": "took_seconds", "help": "Time.", "unit": "seconds", "divisor": 1000, "labelNames": ["verb", "path"], "bounds": [1, 10, 100] },
 *       "removed": [[2, 1]],
 *       "rows": [[0, 1, 41.7, -2, 1, 3]] } ] }
 * ```
 *
 * - `strings` holds each label value once. The fields are those of `Batch` and `FamilySchema`; in a schema `unit`, `divisor`, `bounds`, `states` and
 *   `merge` may be left out if they are empty, 1 or not declared, in a family `removed`, `rows` and `exemplars`. Order does not matter, unknown fields are ignored.
 * - A row is an array of numbers: the position of each label value in `strings`, or -1 alone for the overflow series of a family with labels; then
 *   what the kind needs. Counter: what is added. Gauge: value. Histogram: sum, then the counts of all buckets, where -n stands for n empty ones.
 *   Summary: count, sum. Enum: position of the state in `states`. Info: positions of name and value of each pair.
 * - Where the schema has `sketch`, `{ "maxBuckets": 160, "zeroThreshold": 2.938735877055719e-39 }`, each row of a histogram or summary goes on with the
 *   sketch of its values in exposed units: scale, count of zeros, then for each side of zero the number of buckets and, unless that is 0, the index of the
 *   first one and their counts, with -n for n empty ones; last the two counts of infinities, unless both are 0. A summary with such a schema may have
 *   `quantiles`, `[0.5, 0.99]`, of a `window`, `{ "duration": 600000, "slices": 5 }`.
 * - An element of `removed` is the labels alone. One of `exemplars` is the labels of its series, the value, milliseconds since 1970, then the positions of
 *   name and value of each label of its own.
 * - JSON has no NaN and no infinities: `"NaN"`, `"+Inf"` and `"-Inf"` stand for them.
 */
export function encodeBatch(batch: Batch): Buffer {
  return wholeDocument(batch);
}
