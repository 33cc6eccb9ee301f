import type { FamilyDelta } from '../../../record/batch.js';
import type { DecodedRecord, RecordHead } from '../../../record/decoded-record.js';
import { type FamilyPlan, planFamily } from './family-plan.js';
import type { IntakeRefusal } from './intake-refusal.js';
import { type OpenRow, openRow } from './open-row.js';
import type { RecordRule } from './record-rule.js';
import { type Row, Target } from './target.js';

/** What the records of one job come to. */
export interface JobDeltas {
  readonly job: string;
  readonly ops: number;
  readonly families: readonly FamilyDelta[];
}

export interface MappedRecords {
  readonly jobs: readonly JobDeltas[];
  readonly refused: readonly { readonly job: string; readonly reason: IntakeRefusal; readonly records: number }[];
}

/** Jobs of one message. Senders put records of one metric into a message, which has one job. */
const MAX_JOBS = 64;
/** Series that are recognized from message to message. */
const MAX_ROUTES = 20_000;

/** Where records of one series go. */
interface Route {
  readonly job: string;
  readonly target: Target;
  readonly labelValues: readonly string[];
  /** While a message that has such records is being mapped. */
  open: OpenRow | undefined;
}

/** The rows of one job, by where they go. */
class OpenJob {
  readonly targets = new Map<Target, Row[]>();
  ops = 0;
}

/** Turns records into deltas of families, adding up what one message holds for a series. To be kept: it recognizes heads and series. */
export class RecordsMapper {
  readonly #rules: readonly RecordRule[];
  readonly #targets = new Map<string, Target>();
  readonly #routes = new Map<string, Route>();
  #known = new WeakMap<RecordHead, Route | IntakeRefusal>();

  constructor(rules: readonly RecordRule[] = []) {
    this.#rules = rules;
  }

  map(records: readonly DecodedRecord[]): MappedRecords {
    if (this.#routes.size > MAX_ROUTES || this.#targets.size > MAX_ROUTES) this.#forget();
    const jobs = new Map<string, OpenJob>();
    const touched: Route[] = [];
    const refused = new Map<string, { job: string; reason: IntakeRefusal; records: number }>();
    for (const record of records) {
      const refusal = this.#take(record, jobs, touched);
      if (refusal === undefined) continue;
      const { job } = record.head;
      const known = refused.get(`${refusal} ${job}`);
      if (known !== undefined) known.records++;
      else refused.set(`${refusal} ${job}`, { job, reason: refusal, records: 1 });
    }
    for (const route of touched) route.open = undefined;
    return {
      jobs: Array.from(jobs, ([job, { ops, targets }]) => ({ job, ops, families: deltasOf(targets) })),
      refused: [...refused.values()],
    };
  }

  #take(record: DecodedRecord, jobs: Map<string, OpenJob>, touched: Route[]): IntakeRefusal | undefined {
    const route = this.#known.get(record.head) ?? this.#meet(record.head);
    if (typeof route === 'string') return route;
    const job = jobs.get(route.job) ?? openJob(route.job, jobs);
    if (job === undefined) return 'jobs_limit';
    const open = route.open ?? openRow(route.target, route.labelValues);
    if (!open.add(record)) return 'states_limit';
    job.ops++;
    if (route.open !== undefined) return undefined;
    route.open = open;
    touched.push(route);
    const rows = job.targets.get(route.target);
    if (rows === undefined) job.targets.set(route.target, [open.row]);
    else rows.push(open.row);
    return undefined;
  }

  /** The route of records with this head, which is kept with it. Heads that differ in what their family does not show share one. */
  #meet(head: RecordHead): Route | IntakeRefusal {
    const plan = planFamily(head, this.#rules);
    const route = plan === undefined ? 'rule' : this.#route(head, plan);
    this.#known.set(head, route);
    return route;
  }

  #route(head: RecordHead, plan: FamilyPlan): Route {
    const targetKey = JSON.stringify([head.metric, plan, head.errorRaised !== undefined, [...head.labelNames].sort()]);
    const target = this.#targets.get(targetKey) ?? new Target(head, plan);
    this.#targets.set(targetKey, target);
    const labelValues = target.labelValues(head);
    const key = JSON.stringify([head.job, targetKey, labelValues]);
    const route = this.#routes.get(key) ?? { job: head.job, target, labelValues, open: undefined };
    this.#routes.set(key, route);
    return route;
  }

  #forget(): void {
    this.#targets.clear();
    this.#routes.clear();
    this.#known = new WeakMap();
  }
}

function openJob(job: string, jobs: Map<string, OpenJob>): OpenJob | undefined {
  if (jobs.size >= MAX_JOBS) return undefined;
  const open = new OpenJob();
  jobs.set(job, open);
  return open;
}

function deltasOf(targets: ReadonlyMap<Target, readonly Row[]>): FamilyDelta[] {
  // The rows of a target are of its kind, which no type can tell.
  return Array.from(targets, ([{ kind, schema }, rows]) => ({ kind, schema, rows, removed: [] }) as unknown as FamilyDelta);
}
