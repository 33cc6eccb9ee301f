import { type Clock, monotonicClock } from '../diagnostics/clock.js';
import { type DiagnosticCount, Diagnostics } from '../diagnostics/diagnostics.js';
import { checkKnownKeys, invalidOption } from '../diagnostics/options.js';
import { awake } from '../diagnostics/waiting.js';
import type { Handler } from '../handlers/handler.js';
import { Metric, type MetricOwner } from '../metrics/metric.js';
import { COUNT, type MetricHost, RECORD } from '../metrics/metric-host.js';
import { RESPONSE_SIZE } from '../metrics/response-size.js';
import { TIME_PROFILER } from '../metrics/time-profiler.js';
import type { ServeOptions } from '../record/serve-options.js';
import { DeltaTable } from '../ship/delta-table.js';
import type { Served } from '../ship/embedded-collector.js';
import type { Delivered } from '../ship/series-lane.js';
import type { CurrentNode } from './call-context.js';
import { Closing } from './closing.js';
import { type ConfigOptions, type Configuration, checkHandler, normalizeConfig } from './config-options.js';
import { type DictConfig, readDictConfig } from './dict-config.js';
import { Dispatcher, hasCleanup } from './dispatcher.js';
import { Engine, FAST, FULL, OFF } from './engine.js';
import { closeOnSignals, flushBeforeExit } from './exit.js';
import type { AfterHook, BeforeHook } from './hooks.js';
import { LaneKeeper } from './lane-keeper.js';
import { DEFAULT_LIMITS } from './limits.js';
import { MetricRegistry } from './metric-registry.js';
import { createMetricsHandler, type MetricsHandler } from './metrics-handler.js';
import { acceptedBy, type MetricsOptions } from './metrics-options.js';
import { createProfile, Decorators, type Profile } from './profile.js';
import { createProfileAll, type ProfileAll } from './profile-all.js';
import { ProfilerHost } from './profiler-host.js';
import { Servers } from './servers.js';

/** What a new profiler may be given. */
export interface ProfilerOptions {
  /** Milliseconds that never step back. Default: `performance.now`. */
  readonly clock?: Clock;
}

type HookName = 'beforeFunc' | 'afterFunc' | 'beforeRootFunc' | 'afterRootFunc';

/**
 * Measures profiled calls and keeps metrics and handlers.
 *
 * `profiler` is the one that most programs need; independent ones don't see each other's calls. Methods of set-up throw on nonsense; measuring
 * never throws and never waits.
 */
export class Profiler implements MetricOwner {
  /** Decorator and function wrapper of this profiler. */
  readonly profile: Profile;
  /** Class decorator of this profiler. */
  readonly profileAll: ProfileAll;
  /** @internal */
  readonly metricHost: MetricHost;
  readonly #diagnostics: Diagnostics;
  readonly #engine: Engine;
  readonly #host: ProfilerHost;
  readonly #metrics: MetricRegistry;
  readonly #dispatcher: Dispatcher;
  readonly #deltas = new DeltaTable();
  readonly #disabled = process.env.PHANOS_DISABLED === '1';
  readonly #lanes: LaneKeeper;
  #configuration: Configuration | undefined;
  #handleRecords = true;
  /** False where the collector is off, after a close too. */
  #counts = true;
  #stopSignals: (() => void) | undefined;
  readonly #servers = new Servers();
  #closing: Closing | undefined;
  /** The close that a `config` cut short. */
  #cutShort: Closing | undefined;

  constructor(options: ProfilerOptions = {}) {
    checkKnownKeys('Profiler', options, ['clock'] satisfies (keyof ProfilerOptions)[]);
    const { clock = monotonicClock } = options;
    if (typeof clock !== 'function') throw invalidOption('Profiler', 'clock', 'a function', clock);
    this.#diagnostics = new Diagnostics({ clock });
    this.#engine = new Engine(clock, DEFAULT_LIMITS, this.#diagnostics);
    this.#dispatcher = new Dispatcher({
      context: this.#engine.context,
      diagnostics: this.#diagnostics,
      metrics: () => this.#metrics.all.values(),
      handleRecords: () => this.#handleRecords,
    });
    this.#engine.deliver = (buffer) => this.#dispatcher.deliver(buffer);
    this.#host = new ProfilerHost(this.#engine, this.#disabled ? undefined : this.#deltas);
    this.metricHost = this.#host;
    this.#metrics = new MetricRegistry(this.#host, this.#diagnostics);
    this.#lanes = new LaneKeeper({ engine: this.#engine, metrics: this.#metrics, deltas: this.#deltas });
    const decorators = new Decorators(this.#engine);
    this.profile = createProfile(decorators);
    this.profileAll = createProfileAll(decorators);
    this.#refresh();
  }

  /**
   * Sets the profiler up, or anew. Options that are left out have their defaults; handlers and metrics of before stay, but for the default
   * metrics, which begin anew. Throws a TypeError or RangeError that names the wrong option.
   */
  config(options: ConfigOptions = {}): this {
    this.#configure(normalizeConfig(options), [RESPONSE_SIZE, TIME_PROFILER]);
    return this;
  }

  /** Sets the profiler up from plain data, as Python's `dict_config`: checked whole before anything is applied. */
  dictConfig(settings: DictConfig): this {
    const { options, deprecated } = readDictConfig(settings);
    this.#configure(normalizeConfig(options), [TIME_PROFILER, RESPONSE_SIZE]);
    for (const message of deprecated) this.#warn(message, {});
    return this;
  }

  /** Resolves when the collector can be reached; rejects with the reason if it can't. */
  async ready(): Promise<void> {
    await this.#lanes.lane().ready();
  }

  get job(): string {
    return this.#engine.job;
  }

  /** Whether records go to handlers. May be switched at any time. */
  get handleRecords(): boolean {
    return this.#handleRecords;
  }

  set handleRecords(value: boolean) {
    this.#handleRecords = value;
    this.#refresh();
  }

  /** Whether `error_raised` is on default metrics and records. May be switched at any time. */
  get errorRaisedLabel(): boolean {
    return this.#engine.errorRaisedLabel;
  }

  set errorRaisedLabel(value: boolean) {
    if (value === this.#engine.errorRaisedLabel) return;
    this.#engine.errorRaisedLabel = value;
    for (const name of this.#metrics.defaults) this.#addDefault(name);
    this.#refresh();
  }

  get beforeFunc(): BeforeHook | undefined {
    return this.#engine.hooks.beforeFunc;
  }

  set beforeFunc(hook: BeforeHook | undefined) {
    this.#setHook('beforeFunc', hook);
  }

  get afterFunc(): AfterHook | undefined {
    return this.#engine.hooks.afterFunc;
  }

  set afterFunc(hook: AfterHook | undefined) {
    this.#setHook('afterFunc', hook);
  }

  get beforeRootFunc(): BeforeHook | undefined {
    return this.#engine.hooks.beforeRootFunc;
  }

  set beforeRootFunc(hook: BeforeHook | undefined) {
    this.#setHook('beforeRootFunc', hook);
  }

  get afterRootFunc(): AfterHook | undefined {
    return this.#engine.hooks.afterRootFunc;
  }

  set afterRootFunc(hook: AfterHook | undefined) {
    this.#setHook('afterRootFunc', hook);
  }

  /** The running call. */
  get currentNode(): CurrentNode {
    const { node, error } = this.#engine.context.current();
    return { context: node.context, error };
  }

  /** Metrics by name, in the order in which their records are handed over. */
  get registeredMetrics(): ReadonlyMap<string, Metric> {
    return this.#metrics.all;
  }

  /** Handlers by name, in the order in which they are called. */
  get handlers(): ReadonlyMap<string, Handler> {
    return this.#dispatcher.handlers;
  }

  /** Adds a handler; one of the same name is replaced, with a warning. */
  addHandler(handler: Handler): void {
    checkHandler('addHandler', handler);
    const { handlerName } = handler;
    if (this.#dispatcher.add(handler, this.#engine.tree.limits.handlerQueue))
      this.#warn(`handler '${handlerName}' existed and was replaced`, { handler: handlerName });
    this.#refresh();
  }

  /** Removes a handler and closes it once it has what it took; an unknown name is only warned about. */
  deleteHandler(handlerName: string): void {
    if (!this.#dispatcher.delete(handlerName)) this.#warn(`there is no handler '${handlerName}' to delete`, { handler: handlerName });
    this.#refresh();
  }

  deleteHandlers(): void {
    for (const name of this.#dispatcher.handlers.keys()) this.#dispatcher.delete(name);
    this.#refresh();
  }

  getMetric(name: string): Metric | undefined {
    return this.#metrics.all.get(name);
  }

  /**
   * Adds a metric; one of the same name is replaced, with a warning. Throws METRIC_CONFLICT if it would be exposed under the name of another one, or
   * belongs to another profiler.
   */
  addMetric(metric: Metric): void {
    if (!(metric instanceof Metric)) throw invalidOption('addMetric', 'metric', 'a metric', metric);
    this.#metrics.add(metric);
    this.#refresh();
  }

  /** Removes a metric, also a default one: `TIME_PROFILER`, `RESPONSE_SIZE`. An unknown name is only warned about. */
  deleteMetric(name: string): void {
    if (!this.#metrics.delete(name)) this.#warn(`there is no metric '${name}' to delete`, { metric: name });
    this.#refresh();
  }

  /** Removes all metrics but the default ones, or those too. */
  deleteMetrics(deleteTimeProfile = false, deleteResponseSize = false): void {
    const kept = this.#metrics.defaults.filter((name) => !(name === TIME_PROFILER ? deleteTimeProfile : deleteResponseSize));
    for (const name of [...this.#metrics.all.keys()]) if (!kept.includes(name)) this.deleteMetric(name);
  }

  /**
   * Serves `/metrics` and what belongs to it over HTTP. Called again for the same address it resolves to the same server. Rejects with PORT_TAKEN if
   * another program listens there, and with a TypeError or RangeError that names a wrong option.
   */
  async serve(options: ServeOptions = {}): Promise<Served> {
    return this.#servers.serve(() => this.#lanes.lane(), options);
  }

  /** Answers `/metrics` inside another server: give it to node:http, Express (`app.get('/metrics', …)`) or Fastify as a handler. */
  readonly metricsHandler: MetricsHandler = createMetricsHandler(() => this.#lanes.lane());

  /** Everything that is on `/metrics`: as text 0.0.4 unless another format is asked for; the binary one comes as bytes. */
  metrics(options?: { readonly format?: 'text' | 'openmetrics' }): Promise<string>;
  metrics(options: { readonly format: 'protobuf' }): Promise<Uint8Array>;
  async metrics(options: MetricsOptions = {}): Promise<string | Uint8Array> {
    return (await this.#lanes.lane().expose(acceptedBy(options))).body;
  }

  /** What was refused, dropped or went wrong so far, by reason and culprit. */
  diagnostics(): DiagnosticCount[] {
    return this.#diagnostics.snapshot();
  }

  /** How many of the recorded operations the collector has, since this process began to report to it. */
  delivered(): Delivered {
    return this.#lanes.delivered;
  }

  /** Forgets the call tree and records that were not handed over yet. Series stay. */
  clear(): void {
    this.#engine.tree.clear();
    this.#engine.context.current().buffer?.take();
    this.#host.clear();
  }

  /** @internal */
  get hasNews(): boolean {
    return this.#host.hasNews || this.#dispatcher.hasNews;
  }

  /**
   * Resolves when handlers have every record of root calls that have ended, and the collector every count. A handler that doesn't settle one call within 8 s
   * is waited for no longer, which is reported.
   */
  flush(): Promise<void> {
    return awake(this.flushQuietly());
  }

  /** @internal As {@link flush}, without keeping the process alive. */
  async flushQuietly(): Promise<void> {
    this.#host.flush();
    this.#host.hasNews = false;
    this.#dispatcher.hasNews = false;
    // A handler that hangs is not to keep the counts from the collector.
    await Promise.all([this.#dispatcher.flush(), this.#lanes.flush()]);
  }

  /**
   * Flushes, then gives back handlers, servers and timers. Profiled functions then just run, and what was counted can still be read; `config` opens
   * the profiler again. Records of root calls that have not ended are dropped when they end, and counted as `handler_closed`.
   */
  close(): Promise<void> {
    this.#closing ??= this.#beginClosing();
    return awake(this.#closing.done);
  }

  #beginClosing(): Closing {
    this.#servers.refuseStarting();
    const closing: Closing = new Closing({
      flushed: this.flush(),
      giveBack: () => this.#giveBack(),
      earlier: this.#cutShort,
      over: () => {
        if (this.#closing === closing) this.#closing = undefined;
        if (this.#configuration === undefined) this.#engine.context.close();
      },
    });
    return closing;
  }

  /** Takes everything out at once, and resolves when it is closed. */
  #giveBack(): Promise<unknown> {
    this.#configuration = undefined;
    this.#stopSignals?.();
    flushBeforeExit.delete(this);
    this.#refresh();
    // What was recorded while the flush went on.
    this.#host.flush();
    return Promise.all([this.#dispatcher.close(), this.#servers.close(), this.#lanes.close()]);
  }

  #configure(configuration: Configuration, defaults: readonly string[]): void {
    const engine = this.#engine;
    // A profiler that is set up while it closes closes what it had at once, and keeps what it is given now.
    this.#closing?.cutShort();
    this.#cutShort = this.#closing;
    this.#closing = undefined;
    this.#dispatcher.reopen();
    this.#diagnostics.logger = configuration.logger;
    if (this.#configuration !== undefined)
      this.#warn('the profiler is configured again; what is not given has its default', { job: configuration.job });
    this.#configuration = configuration;
    this.#counts = configuration.collector !== 'off';
    engine.job = configuration.job;
    engine.errorRaisedLabel = configuration.errorRaisedLabel;
    engine.callPath = configuration.callPath;
    engine.recordLimit = configuration.recordLimit;
    engine.tree.limits = configuration.limits;
    this.#handleRecords = configuration.handleRecords;
    this.#host.flushInterval = configuration.flushInterval;
    const wanted: Record<string, boolean> = {
      [TIME_PROFILER]: configuration.timeProfile,
      [RESPONSE_SIZE]: configuration.responseSizeProfile,
    };
    for (const name of defaults) {
      if (wanted[name] === true) this.#addDefault(name);
      else if (this.#metrics.defaults.includes(name)) this.#metrics.delete(name);
    }
    for (const handler of configuration.handlers) this.addHandler(handler);
    this.#stopSignals?.();
    this.#stopSignals = closeOnSignals(configuration.closeOn, () => this.close());
    flushBeforeExit.add(this);
    this.#refresh();
    this.#lanes.configure(configuration, this.#disabled);
  }

  #addDefault(name: string): void {
    const { exemplars = false, nativeHistograms: native = false } = this.#configuration ?? {};
    const { callPath, errorRaisedLabel } = this.#engine;
    this.#metrics.addDefault(name, { callPath, errorRaisedLabel, options: { exemplars, native } });
  }

  #setHook(name: HookName, hook: BeforeHook | AfterHook | undefined): void {
    if (hook !== undefined && hook !== null && typeof hook !== 'function')
      this.#warn(`${name} is not a function and is ignored`, { hook: name });
    Object.assign(this.#engine.hooks, { [name]: typeof hook === 'function' ? hook : undefined });
    this.#refresh();
  }

  /** Works out once what each call would have to ask. */
  #refresh(): void {
    const engine = this.#engine;
    const configured = this.#configuration !== undefined;
    const counting = !this.#disabled && this.#counts;
    const metrics = [...this.#metrics.all.values()];
    const recording = configured && !this.#disabled && ((this.#handleRecords && this.#dispatcher.size > 0) || metrics.some(hasCleanup));
    const lanes = (counting ? COUNT : 0) | (recording ? RECORD : 0);
    this.#host.lanes = lanes;
    for (const { table } of metrics) table.lanes = lanes;
    engine.time = this.#metrics.defaultTable(TIME_PROFILER);
    engine.size = this.#metrics.defaultTable(RESPONSE_SIZE);
    engine.recording = recording;
    const { beforeFunc, afterFunc, beforeRootFunc, afterRootFunc } = engine.hooks;
    const hooked = (beforeFunc ?? afterFunc ?? beforeRootFunc ?? afterRootFunc) !== undefined;
    if (!configured || lanes === 0 || metrics.length === 0) engine.mode = OFF;
    else engine.mode = hooked || recording ? FULL : FAST;
  }

  #warn(message: string, fields: object): void {
    this.#diagnostics.report('warn', message, fields, message);
  }
}
