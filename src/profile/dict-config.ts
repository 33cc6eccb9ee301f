import { registeredLogger } from '../diagnostics/logger-registry.js';
import { misuse } from '../diagnostics/misuse.js';
import { suggestion } from '../diagnostics/nearest.js';
import { checkKnownKeys, describe, expectName, invalidOption } from '../diagnostics/options.js';
import type { Handler } from '../handlers/handler.js';
import { LoggerHandler, NamedLoggerHandler } from '../handlers/logger-handler.js';
import { StreamHandler } from '../handlers/stream-handler.js';
import { CONFIG_OPTIONS, type ConfigOptions, checkHandler, normalizeConfig } from './config-options.js';

/** A handler class as `dictConfig` makes instances of it. */
// biome-ignore lint/suspicious/noExplicitAny: each class has options of its own
export type HandlerClass = new (handlerName: string, options?: any) => Handler;

/** Settings of one handler: its class, its name, and the options of its constructor. Keys may be snake_case. */
export interface HandlerSettings {
  /** A class, or the name of a known one; Python's module path in front of it is ignored. */
  readonly class: string | HandlerClass;
  readonly handler_name?: string;
  readonly handlerName?: string;
  readonly [option: string]: unknown;
}

/** Settings as plain data, with Python's snake_case keys or camelCase ones. `job` is required, the rest has the defaults of `config`. */
export type DictConfig = Readonly<Record<string, unknown>>;

const handlerClasses = new Map<string, HandlerClass>([
  ['StreamHandler', StreamHandler],
  ['LoggerHandler', LoggerHandler],
  ['NamedLoggerHandler', NamedLoggerHandler],
]);

const EXTERNAL = 'ext://';
/** What `ext://` may refer to. */
const EXTERNALS: Readonly<Record<string, () => unknown>> = {
  'process.stdout': () => process.stdout,
  'process.stderr': () => process.stderr,
  'sys.stdout': () => process.stdout,
  'sys.stderr': () => process.stderr,
  console: () => console,
};

/** Modules that Python's class paths name. */
const PYTHON_MODULES = /^phanos\.(?:publisher\.|handlers\.)?/;

/** Known once their file is loaded. */
const OF_RABBITMQ = /^(?:Async)?ImpProfHandler$/;

/** Makes a handler class known to `dictConfig` under a name. The last one of a name wins. */
export function registerHandlerClass(name: string, handlerClass: HandlerClass): void {
  expectName('registerHandlerClass', 'name', name);
  if (typeof handlerClass !== 'function') throw invalidOption('registerHandlerClass', 'handlerClass', 'a class', handlerClass);
  handlerClasses.set(name, handlerClass);
}

/** What settings say. */
export interface ReadDictConfig {
  readonly options: ConfigOptions;
  /** A sentence for each outdated key, to be reported once the new logger is in place. */
  readonly deprecated: readonly string[];
}

/** The options of `config` that these settings mean, handlers made. Throws a TypeError that names what is wrong; then nothing was applied. */
export function readDictConfig(settings: DictConfig): ReadDictConfig {
  const given = camelKeys('dictConfig', settings);
  const deprecated: string[] = [];
  if ('requestSizeProfile' in given) {
    deprecated.push("dictConfig: 'request_size_profile' is deprecated, use 'response_size_profile'");
    given.responseSizeProfile ??= given.requestSizeProfile;
    delete given.requestSizeProfile;
  }
  checkKnownKeys('dictConfig', given, CONFIG_OPTIONS);
  if (given.job === undefined) throw misuse('OPTION_INVALID', "dictConfig: 'job' is missing; give the name of the service");
  if (typeof given.logger === 'string') {
    const isExternal = given.logger.startsWith(EXTERNAL);
    given.logger = isExternal ? resolve('dictConfig: logger', given.logger) : registeredLogger('dictConfig', given.logger);
  }
  if (isPlain(given.limits)) given.limits = camelKeys('dictConfig: limits', given.limits);
  const { handlers, ...rest } = given;
  // All that can be wrong is told before the first handler is made, which may open files.
  normalizeConfig(rest, 'dictConfig');
  return { options: { ...(rest as ConfigOptions), ...(handlers === undefined ? {} : { handlers: readHandlers(handlers) }) }, deprecated };
}

function readHandlers(handlers: unknown): Handler[] {
  if (typeof handlers !== 'object' || handlers === null || Array.isArray(handlers)) {
    throw invalidOption('dictConfig', 'handlers', 'an object of names and settings', handlers);
  }
  const made: Handler[] = [];
  try {
    for (const [reference, settings] of Object.entries(handlers)) made.push(makeHandler(`dictConfig: handlers.${reference}`, settings));
  } catch (error) {
    for (const handler of made) discard(handler);
    throw error;
  }
  return made;
}

/** Lets go of a handler that is not wanted after all. */
function discard(handler: Handler): void {
  void (async () => handler.close?.())().catch(() => undefined);
}

function makeHandler(where: string, settings: unknown): Handler {
  const { class: handlerClass, handlerName, ...options } = camelKeys(where, settings);
  const Class = typeof handlerClass === 'string' ? knownClass(where, handlerClass) : handlerClass;
  if (typeof Class !== 'function') throw invalidOption(where, 'class', 'a handler class or the name of one', handlerClass);
  const resolved = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, resolve(`${where}.${name}`, value)]));
  const handler = new (Class as HandlerClass)(expectName(where, 'handler_name', handlerName), resolved);
  checkHandler(where, handler);
  return handler;
}

function knownClass(where: string, path: string): HandlerClass {
  const name = path.replace(PYTHON_MODULES, '');
  const handlerClass = handlerClasses.get(name);
  if (handlerClass !== undefined) return handlerClass;
  const remedy = OF_RABBITMQ.test(name) ? "import 'phanos/rabbitmq' before" : `register it with registerHandlerClass('${name}', …)`;
  throw misuse(
    'OPTION_INVALID',
    `${where}: unknown handler class '${path}', ${suggestion(name, [...handlerClasses.keys()])}; or ${remedy}`,
  );
}

/** `ext://` references become what they refer to; plain objects and arrays are copied, so that later changes to them change nothing. */
function resolve(where: string, value: unknown): unknown {
  if (typeof value === 'string' && value.startsWith(EXTERNAL)) {
    const found = external(value);
    if (found !== undefined) return found;
    throw misuse(
      'OPTION_INVALID',
      `${where}: unknown reference '${value}', known are ${Object.keys(EXTERNALS).join(', ')}; or give the object itself`,
    );
  }
  if (Array.isArray(value)) return value.map((item) => resolve(where, item));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(`${where}.${key}`, item)]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function external(reference: string): unknown {
  const name = reference.slice(EXTERNAL.length);
  return Object.hasOwn(EXTERNALS, name) ? EXTERNALS[name]?.() : undefined;
}

function camelKeys(where: string, settings: unknown): Record<string, unknown> {
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) {
    throw misuse('OPTION_INVALID', `${where}: settings must be an object, got ${describe(settings)}`);
  }
  const camel: Record<string, unknown> = {};
  const written = new Map<string, string>();
  for (const [key, value] of Object.entries(settings)) {
    const name = key.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
    const other = written.get(name);
    if (other !== undefined) throw misuse('OPTION_INVALID', `${where}: '${other}' and '${key}' are the same setting; give one of them`);
    written.set(name, key);
    camel[name] = value;
  }
  return camel;
}
