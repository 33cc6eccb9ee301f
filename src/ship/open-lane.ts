import type { Diagnostics } from '../diagnostics/diagnostics.js';
import type { CollectorOption } from './collector-option.js';
import type { Deltas } from './delta-table.js';
import type { EmbeddedCollectorOptions } from './embedded-collector.js';
import { findTransport } from './find-transport.js';
import { type IdentityOptions, identify } from './identity.js';
import { LocalLane } from './local-lane.js';
import { RemoteLane } from './remote-lane.js';
import type { SeriesLane } from './series-lane.js';

/** What a lane needs of its profiler. */
export interface LaneOptions extends IdentityOptions {
  readonly collector: Exclude<CollectorOption, 'off'>;
  /** For a collector that asks for one. */
  readonly collectorToken: string | undefined;
  /** Milliseconds between two hand-overs to a collector elsewhere. */
  readonly flushInterval: number;
  readonly diagnostics: Diagnostics;
  readonly limits: EmbeddedCollectorOptions['limits'];
  /** Asks the gauges, then takes what happened; with `whole`, gauges, infos and enums come with all their series. */
  readonly drain: (whole: boolean) => Promise<Deltas>;
  /** As `drain`, without asking the gauges. */
  readonly drainNow: () => Deltas;
  /** As `drain`, in pieces that take a moment each. */
  readonly drainSlices: () => Promise<Iterable<Deltas>>;
  /** Operations that nobody drains any more once this lane is closed. */
  readonly unsent: () => number;
}

/** The lane that collects for the workers and threads of this process: the first one that was opened. */
let firstLane: SeriesLane | undefined;

/** Opens the lane to the collector that is meant. */
export function openLane(options: LaneOptions): SeriesLane {
  const transport = findTransport(options.collector, options.collectorToken);
  const { drain, drainNow, drainSlices, unsent, flushInterval, diagnostics, limits } = options;
  const identity = identify(options);
  const servesWorkers = firstLane === undefined;
  const lane =
    transport === undefined
      ? new LocalLane({ identity, limits, diagnostics, servesWorkers, drainSlices })
      : new RemoteLane(
          { transport, identity: { ...identity, worker: options.worker }, flushInterval, diagnostics, drain, drainNow, unsent },
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
