/** What the package offers; `index.ts` hands it out. */

import { setCollectorLoader } from './ship/collector-loader.js';

export type { DiagnosticCount } from './diagnostics/diagnostics.js';
export { consoleLogger, type Logger } from './diagnostics/logger.js';
export { registerLogger } from './diagnostics/logger-registry.js';
export { PhanosError, type PhanosErrorCode } from './diagnostics/phanos-error.js';
export type { Handler } from './handlers/handler.js';
export { LoggerHandler, type LoggerHandlerOptions, NamedLoggerHandler, type NamedLoggerHandlerOptions } from './handlers/logger-handler.js';
export { StreamHandler, type StreamHandlerOptions } from './handlers/stream-handler.js';
export { exponentialBuckets, linearBuckets } from './metrics/buckets.js';
export { Counter, type CounterChild, type CounterOptions } from './metrics/counter.js';
export { Enum, type EnumChild, type EnumOptions } from './metrics/enum.js';
export type { ExemplarOptions } from './metrics/exemplar-slots.js';
export { Gauge, type GaugeChild, type GaugeOptions } from './metrics/gauge.js';
export { Histogram, type HistogramChild, type HistogramOptions, type Observed } from './metrics/histogram.js';
export { Info, type InfoChild, type InfoPairs } from './metrics/info.js';
export { type Labels, Metric, type MetricOptions, type Operation, type StoredOperation } from './metrics/metric.js';
export type { NativeOptions } from './metrics/native-option.js';
export type { WindowOptions } from './metrics/quantile-options.js';
export { RESPONSE_SIZE, ResponseSize } from './metrics/response-size.js';
export { Summary, type SummaryChild, type SummaryOptions } from './metrics/summary.js';
export { TIME_PROFILER, TimeProfiler } from './metrics/time-profiler.js';
export { collectProcessMetrics, type ProcessMetrics, type ProcessMetricsOptions } from './process/collect-process-metrics.js';
export type { CurrentNode } from './profile/call-context.js';
export type { ConfigOptions } from './profile/config-options.js';
export { profile, profileAll, profiler, profiler as phanosProfiler } from './profile/default-profiler.js';
export { type DictConfig, type HandlerClass, type HandlerSettings, registerHandlerClass } from './profile/dict-config.js';
export type { CallPath } from './profile/engine.js';
export type { AfterHook, BeforeHook } from './profile/hooks.js';
export type { Limits } from './profile/limits.js';
export type { Profile, ProfileDecorator, ProfileOptions } from './profile/profile.js';
export type { ProfileAll, ProfileAllDecorator, ProfileAllOptions } from './profile/profile-all.js';
export { Profiler, type ProfilerOptions } from './profile/profiler.js';
export type { AnyFunction } from './profile/site.js';
export type { MetricKind, Recorded, RecordValue } from './record/recorded.js';
export type { ServeOptions } from './record/serve-options.js';
export type { CollectorOption } from './ship/collector-option.js';
export type { Served } from './ship/embedded-collector.js';
export type { Delivered } from './ship/series-lane.js';

setCollectorLoader(async () => (await import('./collector/embedded.js')).createEmbeddedCollector);
