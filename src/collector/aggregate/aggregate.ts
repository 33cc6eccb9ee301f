import { type Clock, monotonicClock } from '../../diagnostics/clock.js';
import { occupiedNames } from '../../exposition/sample-name.js';
import type { FamilyDelta, FamilySchema, ProducerIdentity } from '../../record/batch.js';
import { metricNameFault } from '../../record/names.js';
import type { MetricKind } from '../../record/recorded.js';
import type { CollectorLimits } from '../limits.js';
import { Tally } from '../tally.js';
import { AdditiveFamily } from './additive-family.js';
import { Contributor, type Origin } from './contributor.js';
import { Expiry } from './expiry.js';
import type { Family, FamilyHost } from './family.js';
import type { FamilyHead } from './family-copy.js';
import type { Group } from './group.js';
import { Groups } from './groups.js';
import { Quota } from './quota.js';
import type { AdjustmentReason, RefusalReason } from './refusal.js';
import { schemaRefusal } from './schema-check.js';
import { StateFamily } from './state-family.js';

export interface AggregateOptions {
  readonly limits: CollectorLimits;
  /**
   * Puts the labels `job` and `instance` in front of those of each series, and lets the series of an instance expire.
   * @default false
   */
  readonly identityLabels?: boolean;
  /** Milliseconds, for windows that slide. @default the monotonic clock */
  readonly clock?: Clock;
}

/** All families by name, in order of first appearance. */
export class Aggregate implements FamilyHost {
  readonly limits: CollectorLimits;
  readonly identityLabels: boolean;
  /** Milliseconds that never step back. */
  readonly now: Clock;
  readonly quota: Quota;
  readonly groups: Groups;
  readonly expiry: Expiry;
  /** Rows that were not applied. */
  readonly refused = new Tally<RefusalReason>();
  /** Rows that were applied in another way than they came. */
  readonly adjusted = new Tally<AdjustmentReason>();
  /** Snapshots begun; the last one may still be under way. */
  snapshots = 0;
  readonly #families = new Map<string, Family>();
  /** Which family writes samples under a name. */
  readonly #occupied = new Map<string, Family>();

  constructor({ limits, identityLabels = false, clock = monotonicClock }: AggregateOptions) {
    this.now = clock;
    this.limits = limits;
    this.identityLabels = identityLabels;
    this.quota = new Quota(limits);
    this.groups = new Groups(identityLabels);
    this.expiry = new Expiry(
      this.groups,
      () => this.families,
      (family) => this.#discard(family),
    );
  }

  get families(): Iterable<Family> {
    return this.#families.values();
  }

  /** A producer that lives from now on. */
  join(id: number, { job, instance, worker }: ProducerIdentity): Contributor {
    return new Contributor(id, worker, this.groups.join(job, instance));
  }

  /** Applies what can be applied and counts the rest; never throws, whatever the delta looks like. */
  apply(delta: FamilyDelta, origin: Origin): void {
    if (typeof delta !== 'object' || delta === null || !Array.isArray(delta.rows) || !Array.isArray(delta.removed)) {
      this.refused.count('', 'malformed');
      return;
    }
    const family = this.#admit(delta.kind, delta.schema, origin.contributor.live);
    if (typeof family === 'string') {
      this.refused.count(tellableName(delta.schema), family, Math.max(1, delta.rows.length));
      return;
    }
    family.apply(delta, origin);
    // A family whose last series was removed is shown no more, and leaves its names to others.
    if (delta.removed.length > 0 && family.isEmpty) this.#discard(family);
  }

  /** No batch of the producer up to this seq can come any more: a whole state that was told by then is all there is. */
  settle(contributor: Contributor, settled: number): void {
    const complete = contributor.wholes.filter(({ seq }) => seq <= settled);
    if (complete.length === 0) return;
    contributor.wholes = contributor.wholes.filter(({ seq }) => seq > settled);
    const from = Math.max(...complete.map((whole) => whole.from));
    for (const stake of contributor.stakes.values()) stake.sweep(from);
  }

  /** What counts only while its producer lives is gone. */
  died(contributor: Contributor, now: number): void {
    contributor.live = false;
    contributor.floor = contributor.lastSeq;
    this.groups.died(contributor.group, now);
    for (const stake of contributor.stakes.values()) stake.died();
  }

  /** A producer that was taken for dead is not. Its live states are to be told anew. */
  revived(contributor: Contributor): void {
    contributor.live = true;
    this.groups.lived(contributor.group);
    for (const stake of contributor.stakes.values()) stake.revived();
  }

  /** A dead producer will not be recognized any more. */
  forgotten(contributor: Contributor): void {
    for (const stake of contributor.stakes.values()) stake.forgotten();
    this.groups.left(contributor.group);
  }

  /** Brings back the share of a producer, whose group is back. */
  rejoin(id: number, worker: string, group: Group, isLive: boolean): Contributor {
    const contributor = new Contributor(id, worker, group);
    contributor.live = isLive;
    group.members++;
    if (isLive) group.live++;
    return contributor;
  }

  /** Brings a family back, without its series. */
  restoreFamily({ kind, name, help, unit, labels, layouts, layout, states, merge, ...sketches }: FamilyHead): Family {
    const [bounds, divisor] = layouts[layout]!;
    const schema = { name, help, unit, divisor, labelNames: labels, bounds, states, ...(merge !== undefined && { merge }), ...sketches };
    const family = this.#make(kind, schema, layouts, layout);
    this.#put(family);
    return family;
  }

  #admit(kind: MetricKind, schema: FamilySchema, isLive: boolean): Family | RefusalReason {
    const known = this.#families.get(schema?.name);
    if (known !== undefined && known.declared === kind && known.knows(schema)) return known;
    const refusal = schemaRefusal(kind, schema, this.limits);
    if (refusal !== undefined) return refusal;
    if (known !== undefined) {
      const conflict = conflictWith(known, kind, schema);
      if (conflict === undefined) return known;
      if (!isLive || known.announcers > 0) return conflict;
      // Nobody who lives knows it otherwise.
      this.#discard(known);
    }
    const rivals = occupiedNames(kind, schema.name).flatMap((name) => this.#occupied.get(name) ?? []);
    if (rivals.some(({ announcers }) => !isLive || announcers > 0)) return 'name_conflict';
    for (const rival of rivals) this.#discard(rival);
    if (this.#families.size >= this.limits.families) return 'family_limit';
    return this.#put(this.#make(kind, schema));
  }

  #make(kind: MetricKind, schema: FamilySchema, layouts?: FamilyHead['layouts'], layout?: number): Family {
    if (kind === 'enum' || kind === 'gauge' || kind === 'info') return new StateFamily(kind, schema, this);
    return new AdditiveFamily(kind, schema, this, layouts, layout);
  }

  #put(family: Family): Family {
    for (const name of occupiedNames(family.declared, family.name)) this.#occupied.set(name, family);
    this.#families.set(family.name, family);
    return family;
  }

  #discard(family: Family): void {
    // Another one may have taken its place while it was walked through.
    if (this.#families.get(family.name) !== family) return;
    this.#families.delete(family.name);
    for (const name of occupiedNames(family.declared, family.name)) this.#occupied.delete(name);
    family.discard();
  }
}

function conflictWith(known: Family, kind: MetricKind, schema: FamilySchema): RefusalReason | undefined {
  if (known.declared !== kind) return 'kind_conflict';
  return known.unit === schema.unit ? known.conflict(schema) : 'unit_conflict';
}

/** Under which name to count a refusal: what is no metric name is told by its reason alone. */
function tellableName(schema: FamilySchema): string {
  const name: unknown = schema?.name;
  return typeof name === 'string' && metricNameFault(name) === undefined ? name : '';
}
