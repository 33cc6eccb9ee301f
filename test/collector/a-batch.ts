import type { Batch, FamilyDelta, FamilySchema, LabelValues, RowOfKind } from '../../src/record/batch.js';
import type { MetricKind } from '../../src/record/recorded.js';

/** What a test says of a family; the rest is empty. */
export type SchemaParts = Partial<FamilySchema> & { readonly name: string };

export function aSchema(parts: SchemaParts): FamilySchema {
  return { help: 'Help.', unit: '', divisor: 1, labelNames: [], bounds: [], states: [], ...parts };
}

/** A delta of one family. `aSchema` is called for parts only, so that a schema is handed on as the very object. */
export function aDelta<K extends MetricKind>(
  kind: K,
  schema: SchemaParts,
  rows: readonly RowOfKind[K][],
  removed: readonly LabelValues[] = [],
): FamilyDelta {
  return { kind, schema: isWhole(schema) ? schema : aSchema(schema), rows, removed } as unknown as FamilyDelta;
}

function isWhole(parts: SchemaParts): parts is FamilySchema {
  return 'help' in parts && 'states' in parts && 'bounds' in parts && 'unit' in parts && 'divisor' in parts && 'labelNames' in parts;
}

let lastSeq = 0;

/** The next batch of the one producer of most tests, with these deltas, or what claims to be some. */
export function aBatch(...families: readonly unknown[]): Batch {
  lastSeq++;
  return {
    producer: { job: 'shop', instance: 'here', worker: '0', boot: 'b' },
    seq: lastSeq,
    oldest: lastSeq,
    heartbeat: 0,
    ops: 3,
    produced: 3,
    dropped: 0,
    whole: false,
    goodbye: false,
    families: families as FamilyDelta[],
  };
}
