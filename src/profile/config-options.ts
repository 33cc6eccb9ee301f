import { constants } from 'node:os';
import type { Logger } from '../diagnostics/logger.js';
import { misuse } from '../diagnostics/misuse.js';
import { suggestion } from '../diagnostics/nearest.js';
import {
  checkKnownKeys,
  expectBoolean,
  expectMethods,
  expectName,
  expectPositive,
  expectString,
  expectWhole,
  invalidOption,
} from '../diagnostics/options.js';
import type { Handler } from '../handlers/handler.js';
import { type CollectorOption, checkCollector, checkCollectorToken } from '../ship/collector-option.js';
import type { CallPath } from './engine.js';
import { type Limits, normalizeLimits } from './limits.js';

/** Options of `profiler.config`. */
export interface ConfigOptions {
  /** Name of the service, in records and for collectors that serve several. Default: empty. */
  readonly job?: string;
  /** Receives phanos's own reports; pino's shape. Default: the console. */
  readonly logger?: Logger;
  /** Times each profiled call. Default: true. */
  readonly timeProfile?: boolean;
  /** Sizes what root calls return. Default: true. */
  readonly responseSizeProfile?: boolean;
  /** Gives records to handlers. Series are counted either way. Default: true. */
  readonly handleRecords?: boolean;
  /** Adds the label `error_raised` to default metrics and to all records. Default: true. */
  readonly errorRaisedLabel?: boolean;
  /** Keeps the running OpenTelemetry span for one call of each bucket of the default metrics and hand-over, if its trace is sampled. Default: false. */
  readonly exemplars?: boolean;
  /** Counts the default metrics in exponential buckets too, which Prometheus reads as native histograms where it was told to. Default: false. */
  readonly nativeHistograms?: boolean;
  /** Handlers to add. Default: none. */
  readonly handlers?: readonly Handler[];
  /** Where series go. Default: the environment's PHANOS_COLLECTOR, else `auto`. */
  readonly collector?: CollectorOption;
  /** Sent to a collector that asks for a token. Default: the environment's PHANOS_COLLECTOR_TOKEN. */
  readonly collectorToken?: string;
  /** Milliseconds between two hand-overs to a collector elsewhere, and of records made outside of calls. Default: 1000. */
  readonly flushInterval?: number;
  /** How much of the call path the default metrics carry as label `method`: all of it, only the root call, or no such label. Default: `full`. */
  readonly callPath?: CallPath;
  /** Host or pod. Default: the environment's PHANOS_INSTANCE, else the host's name. */
  readonly instance?: string;
  /** Slot of this worker. Default: `0`. */
  readonly worker?: string;
  /** Records of one root call that are handed over before it ends. Default: 100. */
  readonly recordLimit?: number;
  /** Signals on which the profiler closes and the process then ends as it would have. Default: none. */
  readonly closeOn?: readonly NodeJS.Signals[];
  /** Bounds on what measuring may cost. */
  readonly limits?: Partial<Limits>;
}

/** The same with all gaps filled. */
export type Configuration = Required<Omit<ConfigOptions, 'limits' | 'logger' | 'collectorToken' | 'instance' | 'worker'>> &
  Pick<ConfigOptions, 'logger' | 'collectorToken' | 'instance' | 'worker'> & { readonly limits: Limits };

export const CONFIG_OPTIONS = [
  'job',
  'logger',
  'timeProfile',
  'responseSizeProfile',
  'handleRecords',
  'errorRaisedLabel',
  'exemplars',
  'nativeHistograms',
  'handlers',
  'collector',
  'collectorToken',
  'flushInterval',
  'callPath',
  'instance',
  'worker',
  'recordLimit',
  'closeOn',
  'limits',
] as const satisfies readonly (keyof ConfigOptions)[];

const CALL_PATHS: readonly CallPath[] = ['full', 'root', 'off'];
const LOGGER_METHODS = ['debug', 'info', 'warn', 'error'] as const;
const UNCATCHABLE: readonly string[] = ['SIGKILL', 'SIGSTOP'];
/** Timers of more milliseconds than this fire at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const HANDLER_METHODS = ['handle'] as const;

/** Checks the options and fills the gaps. Throws a TypeError or RangeError that names the wrong one, and by `where` who was given it. */
export function normalizeConfig(options: ConfigOptions, where = 'config'): Configuration {
  checkKnownKeys(where, options, CONFIG_OPTIONS);
  const { callPath = 'full', handlers = [], closeOn = [], logger, instance, worker } = options;
  const { job = '', timeProfile = true, responseSizeProfile = true, handleRecords = true, errorRaisedLabel = true } = options;
  const { flushInterval = 1000, recordLimit = 100, exemplars = false, nativeHistograms = false } = options;
  if (!CALL_PATHS.includes(callPath)) throw invalidOption(where, 'callPath', "'full', 'root' or 'off'", callPath);
  if (!Array.isArray(handlers)) throw invalidOption(where, 'handlers', 'an array of handlers', handlers);
  if (!Array.isArray(closeOn)) throw invalidOption(where, 'closeOn', "an array of signals such as 'SIGTERM'", closeOn);
  for (const signal of closeOn) checkSignal(where, signal);
  for (const [i, handler] of handlers.entries()) checkHandler(where, handler, `handlers[${i}]`);
  const collectorToken = checkCollectorToken(options.collectorToken);
  return {
    job: expectString(where, 'job', job),
    ...(logger === undefined ? {} : { logger: expectMethods<Logger>(where, 'logger', logger, LOGGER_METHODS) }),
    timeProfile: expectBoolean(where, 'timeProfile', timeProfile),
    responseSizeProfile: expectBoolean(where, 'responseSizeProfile', responseSizeProfile),
    handleRecords: expectBoolean(where, 'handleRecords', handleRecords),
    errorRaisedLabel: expectBoolean(where, 'errorRaisedLabel', errorRaisedLabel),
    exemplars: expectBoolean(where, 'exemplars', exemplars),
    nativeHistograms: expectBoolean(where, 'nativeHistograms', nativeHistograms),
    handlers,
    collector: checkCollector(options.collector),
    ...(collectorToken === undefined ? {} : { collectorToken }),
    flushInterval: Math.min(expectPositive(where, 'flushInterval', flushInterval), LONGEST_TIMER),
    callPath,
    ...(instance === undefined ? {} : { instance: expectName(where, 'instance', instance) }),
    ...(worker === undefined ? {} : { worker: expectName(where, 'worker', worker) }),
    recordLimit: expectWhole(where, 'recordLimit', recordLimit, 1),
    closeOn,
    limits: normalizeLimits(options.limits, where),
  };
}

/** Throws a TypeError unless this can be a handler. */
export function checkHandler(where: string, handler: Handler, field = 'handler'): void {
  expectMethods<Handler>(where, field, handler, HANDLER_METHODS);
  expectName(where, field === 'handler' ? 'handlerName' : `${field}.handlerName`, handler.handlerName);
}

function checkSignal(where: string, signal: string): void {
  expectName(where, 'closeOn', signal);
  if (UNCATCHABLE.includes(signal))
    throw misuse('OPTION_INVALID', `${where}: closeOn can't have ${signal}, which ends a process without asking it`);
  if (!Object.hasOwn(constants.signals, signal)) {
    throw misuse(
      'OPTION_INVALID',
      `${where}: closeOn has the unknown signal '${signal}', ${suggestion(signal, ['SIGTERM', 'SIGINT', 'SIGHUP'])}`,
    );
  }
}
