import { PhanosError } from '../diagnostics/phanos-error.js';
import type { DeltaTable } from '../ship/delta-table.js';
import type { LocalLaneOptions } from '../ship/local-lane.js';
import { closeLane, openLane } from '../ship/open-lane.js';
import type { Delivered, SeriesLane } from '../ship/series-lane.js';
import type { Configuration } from './config-options.js';
import type { Engine } from './engine.js';
import { Gauges } from './gauges.js';
import type { MetricRegistry } from './metric-registry.js';

const UNLIMITED = Number.MAX_SAFE_INTEGER;
/** Series that are taken and added up in one turn of the event loop: some 3 ms. */
const SLICE = 2000;
/** Options that, where a lane inside this process is open, mean that one. */
const IN_PROCESS: readonly string[] = ['auto', 'local', 'off'];

/** What a {@link LaneKeeper} works on. */
export interface LaneKeeperOptions {
  readonly engine: Engine;
  readonly metrics: MetricRegistry;
  readonly deltas: DeltaTable;
}

/**
 * The metrics of this process keep to its limits themselves; what its workers bring in comes on top. A later `config` may change them.
 */
function limitsOf({ tree }: Engine): LocalLaneOptions['limits'] {
  return {
    get seriesPerFamily() {
      return tree.limits.seriesPerMetric;
    },
    seriesPerJob: UNLIMITED,
    series: UNLIMITED,
    labelValueLength: UNLIMITED,
  };
}

/** Opens and closes the profiler's way to its collector. */
export class LaneKeeper {
  readonly #options: LaneKeeperOptions;
  readonly #gauges: Gauges;
  #configuration: Configuration | undefined;
  #lane: SeriesLane | undefined;
  /** What the open lane was configured with. */
  #key = '';

  constructor(options: LaneKeeperOptions) {
    this.#options = options;
    this.#gauges = new Gauges(options.engine);
  }

  /** Opens the lane that is configured now: workers are served, or a collector elsewhere is reported to, whether or not somebody looks here. */
  configure(configuration: Configuration, disabled: boolean): void {
    const { collector, collectorToken, job, instance, worker } = configuration;
    const key = JSON.stringify([typeof collector === 'string' ? collector : collector.name, collectorToken, job, instance, worker]);
    // What was opened here only because nobody had said yet where series go, as by a look at the metrics, gives way.
    if (key !== this.#key) void this.#close(typeof collector === 'string' && IN_PROCESS.includes(collector));
    this.#key = key;
    this.#configuration = configuration;
    if (collector !== 'off' && !disabled) this.lane();
  }

  /** The way to the collector, opened when it is first needed. Throws COLLECTOR_UNAVAILABLE if there is to be none. */
  lane(): SeriesLane {
    const { engine, metrics, deltas } = this.#options;
    const { collector = 'auto', collectorToken, instance, worker, flushInterval = 1000 } = this.#configuration ?? {};
    if (collector === 'off') {
      const remedy = "configure 'auto' or 'local' to see metrics";
      throw new PhanosError('COLLECTOR_UNAVAILABLE', `series are not counted because collector is 'off'; ${remedy}`);
    }
    this.#lane ??= openLane({
      collector,
      collectorToken,
      job: engine.job,
      instance,
      worker,
      flushInterval,
      diagnostics: engine.diagnostics,
      limits: limitsOf(engine),
      drain: async (whole) => {
        await this.#gauges.ask(metrics.all.values());
        return deltas.drain(whole ? metrics.absoluteTables() : []);
      },
      drainNow: () => deltas.drain(),
      drainSlices: async () => {
        await this.#gauges.ask(metrics.all.values());
        return deltas.slices(SLICE);
      },
      // Where another lane was opened meanwhile, that one drains them.
      unsent: () => (this.#lane === undefined ? deltas.ops : 0),
    });
    return this.#lane;
  }

  /** What became of what was counted since the lane was opened. */
  get delivered(): Delivered {
    return this.#lane?.delivered ?? { produced: 0, confirmed: 0, dropped: 0 };
  }

  async flush(): Promise<void> {
    await this.#lane?.flush();
  }

  /** Says goodbye to a collector elsewhere. A lane inside this process stays: what was counted can still be read. */
  close(): Promise<void> {
    return this.#close(true);
  }

  async #close(keepLocal: boolean): Promise<void> {
    const lane = this.#lane;
    if (lane === undefined || (lane.isLocal && keepLocal)) return;
    this.#lane = undefined;
    await closeLane(lane);
  }
}
