import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { CallPosition, MetricHost } from '../metrics/metric-host.js';
import type { Series, SeriesOwner } from '../metrics/series.js';
import type { RecordValue } from '../record/recorded.js';
import type { DeltaTable } from '../ship/delta-table.js';
import { MUTED } from './call-node.js';
import type { Engine } from './engine.js';
import type { Limits } from './limits.js';
import { RecordBuffer } from './record-buffer.js';

/** Records wait for the end of a profiled call; so many times the limit of those that are handed over there they don't wait any longer. */
const OVERDUE = 10;

/** What metrics see of their profiler: where the running code stands, and where records and changed series go. */
export class ProfilerHost implements MetricHost {
  lanes = 0;
  /** True if something was measured since somebody set it to false. */
  hasNews = false;
  /** Milliseconds until records that were made outside of calls are handed over. */
  flushInterval = 1000;
  readonly #engine: Engine;
  readonly #deltas: DeltaTable | undefined;
  /** Records made outside of calls, or after the root call of their context has ended. */
  readonly #outside = new RecordBuffer();
  #timer: NodeJS.Timeout | undefined;

  /** @param deltas undefined where nothing is ever counted, so that no metric is shown at 0 that is not */
  constructor(engine: Engine, deltas: DeltaTable | undefined) {
    this.#engine = engine;
    this.#deltas = deltas;
  }

  get diagnostics(): Diagnostics {
    return this.#engine.diagnostics;
  }

  get errorRaisedLabel(): boolean {
    return this.#engine.errorRaisedLabel;
  }

  get limits(): Limits {
    return this.#engine.tree.limits;
  }

  position(): CallPosition {
    const { node, failed } = this.#engine.context.current();
    return { context: node.context, methodLabel: this.#engine.methodLabel(node), functionLabel: node.site?.label ?? '', failed };
  }

  methodLabelOf(path: string): string {
    return this.#engine.shortPath(path, path.slice(path.lastIndexOf('.') + 1));
  }

  record(table: SeriesOwner, operation: string, value: RecordValue, labels: Record<string, string>, method: string | undefined): void {
    const { node, buffer, failed } = this.#engine.context.current();
    // Handlers that use metrics would feed themselves for ever.
    if (node === MUTED) return;
    const target = buffer?.open === true ? buffer : this.#outside;
    const place = method === undefined ? node : { context: method, item: method.slice(0, Math.max(0, method.indexOf(':'))) };
    this.#engine.record(table, place, operation, value, labels, failed, target);
    this.hasNews = true;
    if (target === this.#outside) this.#outsideChanged();
    // A long call that makes records and calls nothing profiled has no other end of a call to hand them over.
    else if (target.pending >= OVERDUE * this.#engine.recordLimit) this.#engine.deliver(target);
  }

  markDirty(series: Series): void {
    this.#deltas?.mark(series);
    // What a gauge's `collect` or a handler counts is the doing of a flush, and no reason for another one.
    if (!this.hasNews && this.#engine.context.current().node !== MUTED) this.hasNews = true;
  }

  unmark(): void {
    this.#deltas?.unmark();
  }

  leave(table: SeriesOwner): void {
    this.#deltas?.leave(table);
  }

  /** Hands over what was recorded outside of calls. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#engine.deliver(this.#outside);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#outside.take();
  }

  #outsideChanged(): void {
    if (this.#outside.pending >= this.#engine.recordLimit) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), this.flushInterval).unref();
  }
}
