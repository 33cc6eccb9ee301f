import type { ExposedFamily } from '../exposition/exposed-family.js';
import type { CounterDelta, FamilySchema } from '../record/batch.js';
import { Aggregate } from './aggregate/aggregate.js';
import { normalizeCollectorLimits } from './limits.js';
import { SCRAPE_BOUNDS, type SelfMetrics } from './self-metrics.js';
import type { Tally } from './tally.js';

/** What a collector tells about itself, `phanos_collector_*`, as families of the same making as those that it collects. */
export function ownFamilies(self: SelfMetrics, aggregate: Aggregate): Iterable<ExposedFamily> {
  const own = new Aggregate(
    normalizeCollectorLimits({ seriesPerFamily: Number.MAX_SAFE_INTEGER, labelValueLength: Number.MAX_SAFE_INTEGER }),
  );
  const counter = (schema: FamilySchema, rows: readonly CounterDelta[]): void => own.apply({ kind: 'counter', schema, rows, removed: [] });

  counter(schemaOf('batches', 'Batches applied.'), [{ labelValues: [], add: self.batches }]);
  counter(schemaOf('operations', 'Recorded operations that the applied batches contained.'), [{ labelValues: [], add: self.operations }]);
  own.apply({
    kind: 'gauge',
    schema: schemaOf('series', 'Series kept, by family.', { labelNames: ['family'] }),
    rows: Array.from(aggregate.families, ({ name, size }) => ({ labelValues: [name], value: size })),
    removed: [],
  });
  const byReason = { labelNames: ['family', 'reason'] };
  counter(schemaOf('refused_rows', 'Rows that were not applied, by family and reason.', byReason), rowsOf(aggregate.refused));
  counter(
    schemaOf('adjusted_rows', 'Rows that were folded or put into other bounds, by family and reason.', byReason),
    rowsOf(aggregate.adjusted),
  );
  counter(
    schemaOf('scrapes', 'Scrapes answered, by outcome.', { labelNames: ['outcome'] }),
    Object.entries(self.scrapes).map(([outcome, add]) => ({ labelValues: [outcome], add })),
  );
  counter(schemaOf('hook_failures', 'Scrapes that were answered without the newest measurements.'), [
    { labelValues: [], add: self.hookFailures },
  ]);
  own.apply({
    kind: 'histogram',
    schema: schemaOf('scrape_duration_seconds', 'Time to answer a scrape.', { unit: 'seconds', divisor: 1000, bounds: SCRAPE_BOUNDS }),
    rows: [{ labelValues: [], counts: self.durationCounts, sum: self.durationSum }],
    removed: [],
  });
  return own.families;
}

function schemaOf(name: string, help: string, more: Partial<FamilySchema> = {}): FamilySchema {
  return { name: `phanos_collector_${name}`, help, unit: '', divisor: 1, labelNames: [], bounds: [], states: [], ...more };
}

function rowsOf(tally: Tally<string>): CounterDelta[] {
  return Array.from(tally.entries(), ([family, reason, add]) => ({ labelValues: [family, reason], add }));
}
