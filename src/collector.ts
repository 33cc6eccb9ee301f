/** `phanos/collector`: the collector as part of another program. */

export type { AccessOptions } from './collector/access/access-options.js';
export { CollectorService } from './collector/collector-service.js';
export { DurableCollector, type DurableCollectorOptions } from './collector/durable-collector.js';
export type { AmqpIngestOptions } from './collector/ingest/amqp/amqp-ingest-options.js';
export type { RecordRule } from './collector/ingest/records/record-rule.js';
export type { CollectorLimits } from './collector/limits.js';
export type { Readiness } from './collector/readiness.js';
export type { CollectorServiceOptions, ListenAddress } from './collector/service-options.js';
