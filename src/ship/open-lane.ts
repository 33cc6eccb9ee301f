import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { CollectorOption } from './collector-option.js';
import type { Deltas } from './delta-table.js';
import type { EmbeddedCollectorOptions } from './embedded-collector.js';
import { type IdentityOptions, identify } from './identity.js';
import { LocalLane } from './local-lane.js';
import { MessageTransport } from './message-transport.js';
import { RemoteLane } from './remote-lane.js';
import type { SeriesLane } from './series-lane.js';
import type { Transport } from './transport.js';
import { pipeOfWorker } from './worker-pipes.js';

/** What a lane needs of its profiler. */
export interface LaneOptions extends IdentityOptions {
  readonly collector: Exclude<CollectorOption, 'off'>;
  /** Milliseconds between two hand-overs to a collector elsewhere. */
  readonly flushInterval: number;
  readonly diagnostics: Diagnostics;
  readonly limits: EmbeddedCollectorOptions['limits'];
  /** Asks the gauges, then takes what happened; with `whole`, gauges, infos and enums come with all their series. */
  readonly drain: (whole: boolean) => Promise<Deltas>;
  /** As `drain`, without asking the gauges. */
  readonly drainNow: () => Deltas;
}

/** The lane that collects for the workers and threads of this process: the first one that was opened. */
let firstLane: SeriesLane | undefined;

/** Opens the lane to the collector that is meant. */
export function openLane(options: LaneOptions): SeriesLane {
  const transport = findTransport(options);
  const { drain, drainNow, flushInterval, diagnostics, limits } = options;
  const identity = identify(options);
  const servesWorkers = firstLane === undefined;
  const lane =
    transport === undefined
      ? new LocalLane({ identity, limits, servesWorkers, drain: () => drain(false) })
      : new RemoteLane(
          { transport, identity: { ...identity, worker: options.worker }, flushInterval, diagnostics, drain, drainNow },
          servesWorkers,
        );
  firstLane ??= lane;
  return lane;
}

/** Closes a lane. */
export async function closeLane(lane: SeriesLane): Promise<void> {
  if (lane === firstLane) firstLane = undefined;
  await lane.close();
}

/** The way to a collector elsewhere; undefined if it is in this process. */
function findTransport({ collector }: LaneOptions): Transport | undefined {
  if (typeof collector !== 'string') return collector;
  if (collector === 'local') return undefined;
  const worker = pipeOfWorker();
  return worker === undefined ? undefined : new MessageTransport(worker.to, worker.pipe);
}
