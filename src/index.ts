/** The client's door: hands out the exports of the copy of phanos that this process loaded first. */

import * as own from './client.js';
import { oneInstance } from './one-instance.js';

export type * from './client.js';

export const {
  collectProcessMetrics,
  consoleLogger,
  Counter,
  Enum,
  exponentialBuckets,
  Gauge,
  Histogram,
  Info,
  LoggerHandler,
  linearBuckets,
  Metric,
  NamedLoggerHandler,
  PhanosError,
  Profiler,
  phanosProfiler,
  profile,
  profileAll,
  profiler,
  RESPONSE_SIZE,
  ResponseSize,
  registerHandlerClass,
  registerLogger,
  StreamHandler,
  Summary,
  TIME_PROFILER,
  TimeProfiler,
} = oneInstance(own);

// `export type *` gives way to a value of the same name, so a class is named again as a type.
export type Counter<L extends string = never> = own.Counter<L>;
export type Enum<L extends string = never, S extends string = string> = own.Enum<L, S>;
export type Gauge<L extends string = never> = own.Gauge<L>;
export type Histogram<L extends string = never> = own.Histogram<L>;
export type Info<L extends string = never> = own.Info<L>;
export type LoggerHandler = own.LoggerHandler;
export type Metric<L extends string = string> = own.Metric<L>;
export type NamedLoggerHandler = own.NamedLoggerHandler;
export type PhanosError = own.PhanosError;
export type Profiler = own.Profiler;
export type ResponseSize<L extends string = never> = own.ResponseSize<L>;
export type StreamHandler = own.StreamHandler;
export type Summary<L extends string = never> = own.Summary<L>;
export type TimeProfiler<L extends string = never> = own.TimeProfiler<L>;
