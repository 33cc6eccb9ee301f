import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExposedFamily } from '../exposition/exposed-family.js';
import { escapeLabelValue } from '../exposition/label-text.js';
import type { Collector } from './collector.js';
import { DurableCollector, type DurableCollectorOptions } from './durable-collector.js';
import type { RecordRule } from './ingest/records/record-rule.js';
import { recordsFamilies } from './ingest/records/records-families.js';
import { type LeftOut, mergedFamilies } from './merged-families.js';
import { ownFamilies } from './own-families.js';
import { OwnFamilies } from './own-family-builder.js';

/** A collector with a folder of its own, in which it can move to another machine. */
export interface Store {
  /** Name of its folder: `main`, `records`, or a shard such as `s07`. */
  readonly name: string;
  readonly durable: DurableCollector;
}

/** What stores have in common. */
export interface StoresOptions extends Omit<DurableCollectorOptions, 'directory' | 'records'> {
  /** Folder of their folders; without one everything is in memory only. */
  readonly dataDir?: string | undefined;
  /** Which families records become. @default by kind and units */
  readonly recordRules?: readonly RecordRule[] | undefined;
  /**
   * Takes records of jobs that send batches too: then what both tell counts twice.
   * @default false
   */
  readonly recordsBesideBatches?: boolean | undefined;
}

/** The collectors of a service, shown as one. */
export class Stores {
  readonly #options: StoresOptions;
  readonly #stores = new Map<string, Store>();
  readonly #leftOut = new Set<string>();
  /** Kinds and units of the families that the last scrape showed, by name. */
  #shown = new Map<string, string>();

  constructor(options: StoresOptions = {}) {
    this.#options = options;
  }

  /** Folder of their folders; undefined if everything is in memory only. */
  get dataDir(): string | undefined {
    return this.#options.dataDir;
  }

  /** In the order in which they were opened. */
  get all(): Iterable<Store> {
    return this.#stores.values();
  }

  /** Opens a store, or returns the one that is open. Rejects as {@link DurableCollector.open} does. */
  async open(name: string): Promise<Store> {
    const known = this.#stores.get(name);
    if (known !== undefined) return known;
    const { dataDir, recordRules: rules, recordsBesideBatches = false, ...options } = this.#options;
    if (dataDir !== undefined) await mkdir(dataDir, { recursive: true });
    const directory = dataDir === undefined ? undefined : join(dataDir, name);
    const records = {
      ...(rules === undefined ? {} : { rules }),
      ...(recordsBesideBatches ? {} : { sendsBatches: (job: string) => this.#sendsBatches(name, job) }),
    };
    const store: Store = { name, durable: await DurableCollector.open({ ...options, directory, records }) };
    this.#stores.set(name, store);
    return store;
  }

  /** Lets time pass: to be called each second. */
  tick(): void {
    for (const { durable } of this.#stores.values()) durable.collector.tick();
  }

  /** What all of them show, each family once. */
  get families(): Iterable<ExposedFamily> {
    const collectors = Array.from(this.#stores.values(), ({ durable }) => durable.collector);
    this.#leftOut.clear();
    const families = mergedFamilies(
      collectors.map(({ families }) => families),
      {
        onLeftOut: ({ name }, reason) => this.#leftOut.add(JSON.stringify([name, reason])),
        mayMeet: sharedInstances(collectors),
        // A newcomer in an earlier store is not to take the place of what is there.
        wasShown: (family) => this.#shown.get(family.name) === formOf(family),
      },
    );
    this.#shown = new Map(Array.from(families, (family) => [family.name, formOf(family)]));
    return families;
  }

  /** How they are doing, by the label `store`. */
  get ownFamilies(): Iterable<ExposedFamily> {
    const sources = Array.from(this.#stores.values(), ({ name, durable }) => [
      ...ownFamilies(durable.collector, { store: name }),
      ...journalFamilies(durable, { store: name }),
      ...(name === 'records' ? recordsFamilies(durable.records) : []),
    ]);
    const own = new OwnFamilies();
    own.byFamily('left_out_families', 'Families of which the last scrape left something out: stores have them differently.', this.leftOut);
    return [...mergedFamilies(sources), ...own.families];
  }

  /** Why one of them takes nothing; undefined while all do. */
  get trouble(): string | undefined {
    for (const { durable } of this.#stores.values()) if (!durable.state.ready) return durable.state.reason;
    return undefined;
  }

  /** Families of which the last scrape left something out, because stores have them differently, with the reason. */
  get leftOut(): (readonly [family: string, reason: LeftOut])[] {
    return Array.from(this.#leftOut, (key) => JSON.parse(key) as [string, LeftOut]);
  }

  /** Takes a snapshot of each, so that the next start is quick. What fails is told by `trouble` and the log. */
  async snapshot(): Promise<void> {
    await Promise.allSettled(Array.from(this.#stores.values(), ({ durable }) => durable.snapshot()));
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#stores.values(), ({ durable }) => durable.close()));
  }

  /** Whether batches of a job came to another store than the one in which its records are: there each job is a producer as well. */
  #sendsBatches(besides: string, job: string): boolean {
    for (const { name, durable } of this.#stores.values()) if (name !== besides && durable.collector.hearsOf(job)) return true;
    return false;
  }
}

function journalFamilies({ figures, state }: DurableCollector, constants: Readonly<Record<string, string>>): Iterable<ExposedFamily> {
  if (figures === undefined) return [];
  const own = new OwnFamilies(constants);
  const one = (value: number): [string, number][] => [['', value]];
  own.gauge('journal_ready', 'Whether the journal takes records: 1 or 0.', undefined, one(state.ready ? 1 : 0));
  own.counter('journal_records', 'Records that were made safe.', undefined, one(figures.records));
  own.counter('journal_bytes', 'Bytes of these records.', undefined, one(figures.bytes));
  own.counter('journal_groups', 'Groups in which they were written, each with one sync.', undefined, one(figures.groups));
  own.gauge('journal_pending_bytes', 'Bytes that wait for the disk.', undefined, one(figures.pendingBytes));
  own.gauge('journal_behind_bytes', 'Bytes of records that a start would replay.', undefined, one(figures.bytesBehind));
  own.counter('journal_busy', 'Records refused because too much waited for the disk.', undefined, one(figures.busy));
  own.counter('journal_failures', 'Times that the journal stopped taking records.', undefined, one(figures.failures));
  own.counter('journal_snapshots', 'Snapshots taken.', undefined, one(figures.snapshots));
  own.counter('journal_snapshot_failures', 'Snapshots that failed.', undefined, one(figures.snapshotFailures));
  own.gauge('journal_snapshot_size_bytes', 'Bytes of the last snapshot.', undefined, one(figures.snapshotBytes));
  own.gauge('journal_snapshot_duration_seconds', 'Time that the last snapshot took.', undefined, one(figures.snapshotMilliseconds / 1000));
  return own.families;
}

function formOf({ kind, unit }: ExposedFamily): string {
  return `${kind} ${unit}`;
}

/** Tells series of instances that report to several collectors from all others, by their labels. */
function sharedInstances(collectors: readonly Collector[]): (labels: string) => boolean {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { aggregate } of collectors) {
    for (const { job, instance } of aggregate.groups.all) {
      const start = `job="${escapeLabelValue(job)}",instance="${escapeLabelValue(instance)}"`;
      if (seen.has(start)) shared.add(start);
      else seen.add(start);
    }
  }
  if (shared.size === 0) return () => false;
  return (labels) => shared.has(IDENTITY.exec(labels)?.[0] ?? '');
}

/** How the labels of a series begin, unless its family declares a label of such a name itself. */
const IDENTITY = /^job="(?:[^"\\]|\\.)*",instance="(?:[^"\\]|\\.)*"/;
