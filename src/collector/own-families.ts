import type { ExposedFamily } from '../exposition/exposed-family.js';
import type { FamilyDelta, FamilySchema } from '../record/batch.js';
import { Aggregate } from './aggregate/aggregate.js';
import { normalizeCollectorLimits } from './limits.js';
import type { ProducerRegistry } from './producers/producer-registry.js';
import { SCRAPE_BOUNDS, type SelfMetrics } from './self-metrics.js';
import type { Tally } from './tally.js';

/** What a collector tells about itself, `phanos_collector_*`, as families of the same making as those that it collects. */
export function ownFamilies(self: SelfMetrics, aggregate: Aggregate, producers: ProducerRegistry): Iterable<ExposedFamily> {
  const own = new OwnFamilies();
  const { totals, deaths } = producers;
  own.counter('batches', 'Batches, by what became of them.', 'result', Object.entries(self.batches));
  own.counter('operations', 'Recorded operations that the applied batches contained.', undefined, [['', self.operations]]);
  own.counter('produced_operations', 'Operations that producers have handed over.', undefined, [['', totals.produced]]);
  own.counter('dropped_operations', 'Operations that producers had to give up.', undefined, [['', totals.dropped]]);
  own.gauge('underway_operations', 'Operations that producers have announced, and that have not come.', undefined, [
    ['', Math.max(0, totals.produced - totals.applied - totals.dropped - producers.lost)],
  ]);
  own.gauge('lost_operations', 'Operations that dead producers had announced, and that never came.', undefined, [['', producers.lost]]);
  own.counter('given_up_batches', 'Batches that producers gave up before they came.', undefined, [['', producers.givenUp]]);
  own.gauge('producers', 'Producers that are recognized.', 'state', [
    ['live', producers.live],
    ['dead', producers.dead],
  ]);
  own.counter('producer_deaths', 'Producers that ended, by how it became known.', 'cause', Object.entries(deaths.counts));
  own.counter('forgotten_producers', 'Dead producers that are recognized no more.', undefined, [['', producers.forgotten]]);
  own.counter('stranger_producers', 'Producers met in the middle of their life.', undefined, [['', producers.strangers]]);
  own.gauge(
    'series',
    'Series kept, by family.',
    'family',
    Array.from(aggregate.families, ({ name, size }) => [name, size]),
  );
  own.byReason('refused_rows', 'Rows that were not applied, by family and reason.', aggregate.refused);
  own.byReason('adjusted_rows', 'Rows that were folded or put into other bounds, by family and reason.', aggregate.adjusted);
  own.counter('scrapes', 'Scrapes answered, by outcome.', 'outcome', Object.entries(self.scrapes));
  own.counter('hook_failures', 'Scrapes that were answered without the newest measurements.', undefined, [['', self.hookFailures]]);
  own.apply({
    kind: 'histogram',
    schema: schemaOf('scrape_duration_seconds', 'Time to answer a scrape.', { unit: 'seconds', divisor: 1000, bounds: SCRAPE_BOUNDS }),
    rows: [{ labelValues: [], counts: self.durationCounts, sum: self.durationSum }],
    removed: [],
  });
  return own.families;
}

type Values = Iterable<readonly [label: string, value: number]>;

class OwnFamilies {
  readonly #aggregate = new Aggregate({
    limits: normalizeCollectorLimits({ seriesPerFamily: MANY, seriesPerJob: MANY, series: MANY, labelValueLength: MANY }),
  });
  readonly #contributor = this.#aggregate.join(1, { job: '', instance: '', worker: '', boot: '' });

  get families(): Iterable<ExposedFamily> {
    return this.#aggregate.families;
  }

  apply(delta: FamilyDelta): void {
    this.#aggregate.apply(delta, { contributor: this.#contributor, seq: 1, settled: 1, isWhole: false, stamp: 1 });
  }

  counter(name: string, help: string, label: string | undefined, values: Values): void {
    const rows = Array.from(values, ([value, add]) => ({ labelValues: label === undefined ? [] : [value], add }));
    this.apply({ kind: 'counter', schema: schemaOf(name, help, { labelNames: namesOf(label) }), rows, removed: [] });
  }

  gauge(name: string, help: string, label: string | undefined, values: Values): void {
    const rows = Array.from(values, ([text, value]) => ({ labelValues: label === undefined ? [] : [text], value }));
    this.apply({ kind: 'gauge', schema: schemaOf(name, help, { labelNames: namesOf(label) }), rows, removed: [] });
  }

  byReason(name: string, help: string, tally: Tally<string>): void {
    const rows = Array.from(tally.entries(), ([family, reason, add]) => ({ labelValues: [family, reason], add }));
    this.apply({ kind: 'counter', schema: schemaOf(name, help, { labelNames: ['family', 'reason'] }), rows, removed: [] });
  }
}

const MANY = Number.MAX_SAFE_INTEGER;

function namesOf(label: string | undefined): string[] {
  return label === undefined ? [] : [label];
}

function schemaOf(name: string, help: string, more: Partial<FamilySchema> = {}): FamilySchema {
  return { name: `phanos_collector_${name}`, help, unit: '', divisor: 1, labelNames: [], bounds: [], states: [], ...more };
}
