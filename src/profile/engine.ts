import type { Clock } from '../diagnostics/clock.js';
import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { ContextLabel } from '../metrics/definition.js';
import type { HistogramSeries } from '../metrics/histogram.js';
import { COUNT } from '../metrics/metric-host.js';
import { shownError } from '../metrics/refusal.js';
import type { SeriesOwner } from '../metrics/series.js';
import type { SeriesTable } from '../metrics/series-table.js';
import { sizeOfResult } from '../metrics/size-of.js';
import { roundMilliseconds } from '../record/number-form.js';
import type { RecordValue } from '../record/recorded.js';
import { CallContext, type Frame } from './call-context.js';
import type { CallNode } from './call-node.js';
import { CallTree } from './call-tree.js';
import type { Hooks } from './hooks.js';
import type { Limits } from './limits.js';
import { isPromise } from './promises.js';
import { RecordBuffer } from './record-buffer.js';
import type { Site } from './site.js';

/** What wrappers do with a call. */
export type Mode = typeof OFF | typeof FAST | typeof FULL;
/** Call through: not configured, or nobody listens, or nothing to measure. */
export const OFF = 0;
/** Only the series of the default metrics. */
export const FAST = 1;
/** Hooks, records, or a custom metric that wants its `cleanup`. */
export const FULL = 2;

/** How much of the call path the default metrics carry. */
export type CallPath = 'full' | 'root' | 'off';

/** Takes the records of a root call to the handlers. */
export type Deliver = (buffer: RecordBuffer) => void;

/**
 * What all wrappers of one profiler share: its mode, the call tree, the place of the running code in it, and what is measured.
 *
 * The profiler sets it up; wrappers read it at each call.
 */
export class Engine {
  mode: Mode = OFF;
  /** True while records are collected, for handlers or for a `cleanup`. */
  recording = false;
  readonly tree: CallTree;
  readonly context: CallContext;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
  readonly hooks: Hooks = { beforeFunc: undefined, afterFunc: undefined, beforeRootFunc: undefined, afterRootFunc: undefined };
  /** Set while the time metric is there. */
  time: SeriesTable<HistogramSeries> | undefined;
  /** Set while the response size metric is there. */
  size: SeriesTable<HistogramSeries> | undefined;
  job = '';
  errorRaisedLabel = true;
  callPath: CallPath = 'full';
  recordLimit = 100;
  deliver: Deliver = (buffer) => buffer.take();

  constructor(clock: Clock, limits: Limits, diagnostics: Diagnostics) {
    this.clock = clock;
    this.diagnostics = diagnostics;
    this.tree = new CallTree(limits, diagnostics);
    this.context = new CallContext(this.tree.root);
  }

  /** Counts a call that has ended in the series lane. */
  count(node: CallNode, failed: boolean, elapsed: number): void {
    const { time } = this;
    if (time === undefined) return;
    const { folded } = node;
    let series = failed ? folded.failed : folded.succeeded;
    if (series === undefined || series.table !== time || series.removed) series = this.bind(folded, failed, time);
    series.add(elapsed);
  }

  /** The outcome of a call that returned: `errorIf` may say that it failed. */
  judge(site: Site, result: unknown): boolean {
    if (site.errorIf === undefined) return false;
    return this.guard<unknown>('error_if', () => site.errorIf?.(result)) === true;
  }

  /** Observes the size of what a root call returned; the record goes to `buffer`. */
  measureSize(node: CallNode, site: Site, result: unknown, failed: boolean, buffer: RecordBuffer | undefined): void {
    const { size } = this;
    if (size === undefined) return;
    const bytes = this.#sizeOf(site, result);
    if (typeof bytes !== 'number' || !(bytes >= 0 && bytes !== Number.POSITIVE_INFINITY)) {
      this.diagnostics.count('response_size_unknown', node.context);
      return;
    }
    if ((size.lanes & COUNT) !== 0) this.#countSize(size, node.folded, failed, bytes);
    if (buffer !== undefined) this.record(size, node, 'observe', bytes, {}, failed, buffer);
  }

  /** @returns whatever the user's function says, if there is one */
  #sizeOf(site: Site, result: unknown): unknown {
    if (site.sizeOf !== undefined) return this.guard('response_size', () => site.sizeOf?.(result));
    // What can have no code of the user's needs no guard, which takes some 20 ns.
    if (typeof result !== 'object' || result === null) return sizeOfResult(result);
    return this.guard('response_size', () => sizeOfResult(result));
  }

  #countSize(size: SeriesTable<HistogramSeries>, node: CallNode, failed: boolean, bytes: number): void {
    let series = failed ? node.failedSize : node.size;
    if (series === undefined || series.table !== size || series.removed) {
      series = size.findByValues(this.labelsOf(node, failed, size.definition.contextLabels));
      if (failed) node.failedSize = series;
      else node.size = series;
    }
    series.add(bytes);
  }

  /** Puts the time record of an ended call into its root's buffer. */
  recordTime(node: CallNode, failed: boolean, elapsed: number, buffer: RecordBuffer): void {
    if (this.time !== undefined)
      this.record(this.time, node, 'observe', roundMilliseconds(pythonMilliseconds(elapsed)), {}, failed, buffer);
  }

  record(
    table: SeriesOwner,
    node: CallNode | { readonly context: string; readonly item: string },
    operation: string,
    value: RecordValue,
    labels: Record<string, string | boolean>,
    failed: boolean,
    buffer: RecordBuffer,
  ): void {
    const { kind, units, job } = table.definition;
    if (this.errorRaisedLabel) labels.error_raised = failed;
    const record = {
      item: node.item,
      metric: kind,
      units,
      job: job ?? this.job,
      method: node.context,
      labels,
      value: [operation, value],
    } as const;
    buffer.add(table, record);
  }

  /** The series of a call path and outcome, remembered in its node. */
  bind(node: CallNode, failed: boolean, time: SeriesTable<HistogramSeries>): HistogramSeries {
    const series = time.findByValues(this.labelsOf(node, failed, time.definition.contextLabels));
    if (failed) node.failed = series;
    else node.succeeded = series;
    return series;
  }

  /** Values of the labels that come from the call. */
  labelsOf(node: CallNode, failed: boolean, labels: readonly ContextLabel[]): string[] {
    return labels.map((label) => {
      if (label === 'method') return this.methodLabel(node);
      if (label === 'function') return node.site?.label ?? '';
      return failed ? 'true' : 'false';
    });
  }

  /** The call path as a label: whole or only its root, and never longer than a label may be. */
  methodLabel(node: CallNode): string {
    const path = this.callPath === 'root' ? (node.root?.context ?? '') : node.context;
    return this.shortPath(path, node.site?.name ?? '');
  }

  /** A call path that fits into a label: its beginning and its end, the name of the last call. */
  shortPath(path: string, name: string): string {
    const limit = this.tree.limits.labelValueLength;
    if (path.length <= limit) return path;
    this.diagnostics.count('call_path_shortened');
    const leaf = `.….${name}`.slice(-limit);
    return path.slice(0, limit - leaf.length) + leaf;
  }

  /** Runs a callback of the user muted; what it throws is counted and logged, and gives undefined. */
  guard<T>(what: string, callback: () => T): T | undefined {
    const frame = this.context.current();
    const { node } = frame;
    frame.node = node.muted ? node : node.mutedTwin;
    try {
      const returned = callback();
      if (isPromise(returned)) void returned.then(undefined, (error: unknown) => this.callbackFailed(what, node.context, error));
      return returned;
    } catch (error) {
      this.callbackFailed(what, node.context, error);
      return undefined;
    } finally {
      frame.node = node;
    }
  }

  callbackFailed(what: string, where: string, error: unknown): void {
    this.diagnostics.count(`${what}_error`, where);
    this.diagnostics.report(
      'error',
      `${what}_error`,
      { err: error, method: where },
      `${what} threw ${shownError(error)}; the profiled call went on`,
    );
  }

  /** The buffer that a call records into, and whether the call has to deliver it. */
  bufferFor(frame: Frame, isRoot: boolean): { readonly buffer: RecordBuffer; readonly owned: boolean } {
    const { buffer } = frame;
    return isRoot || buffer === undefined || !buffer.open ? { buffer: new RecordBuffer(), owned: true } : { buffer, owned: false };
  }
}

/**
 * Milliseconds as Python's timedelta gives them to `round`: whole steps of the clock in seconds, times 1000.
 *
 * Two readings are whole nanoseconds, but their difference as doubles is not quite, and of several calls of 107.735 ms some would be recorded as
 * 107.73 and some as 107.74, depending on when they began.
 */
function pythonMilliseconds(elapsed: number): number {
  return (Math.round(elapsed * 1e6) / 1e9) * 1000;
}
