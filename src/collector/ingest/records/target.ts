import type { FamilySchema, RowOfKind } from '../../../record/batch.js';
import type { RecordHead } from '../../../record/decoded-record.js';
import type { MetricKind } from '../../../record/recorded.js';
import type { FamilyPlan } from './family-plan.js';

/** A family with one set of label names: what the rows of one schema go to. */
export class Target {
  readonly kind: MetricKind;
  /** Names of the labels that a record brings itself, in the order of their values here. */
  readonly labelNames: readonly string[];
  readonly #contextLabels: readonly ContextLabel[];
  #schema: FamilySchema;

  constructor({ metric, labelNames, errorRaised }: RecordHead, { name, help, unit, divisor, bounds, callPath }: FamilyPlan) {
    this.kind = metric;
    this.labelNames = [...labelNames].sort();
    this.#contextLabels = callPath ? contextLabels(errorRaised !== undefined).filter((label) => !labelNames.includes(label)) : [];
    this.#schema = { name, help, unit, divisor, labelNames: [...this.labelNames, ...this.#contextLabels], bounds, states: [] };
  }

  /** The same object for as long as it says the same. */
  get schema(): FamilySchema {
    return this.#schema;
  }

  /** The values of a record's labels in the order of the schema. */
  labelValues(head: RecordHead): string[] {
    const own = this.labelNames.map((name) => head.labelValues[head.labelNames.indexOf(name)] ?? '');
    return [...own, ...this.#contextLabels.map((label) => CONTEXT[label](head))];
  }

  /** The states of an enum are those that were seen. False if there are too many of them already. */
  admitState(state: string): boolean {
    const { states } = this.#schema;
    if (states.includes(state)) return true;
    if (states.length >= MAX_STATES) return false;
    this.#schema = { ...this.#schema, states: [...states, state] };
    return true;
  }
}

/** States of one enum: each is a sample for every series. */
const MAX_STATES = 64;

type ContextLabel = 'error_raised' | 'function' | 'method';

const CONTEXT: Readonly<Record<ContextLabel, (head: RecordHead) => string>> = {
  method: ({ method }) => method,
  function: ({ method }) => functionOf(method),
  error_raised: ({ errorRaised }) => String(errorRaised ?? false),
};

function contextLabels(withError: boolean): ContextLabel[] {
  return withError ? ['method', 'function', 'error_raised'] : ['method', 'function'];
}

/** The last part of a call path: `place` of both `Orders:place` and `Shop:open.place`. */
function functionOf(method: string): string {
  return method.slice(Math.max(method.indexOf(':'), method.lastIndexOf('.')) + 1);
}

/** A row of any kind. */
export type Row = RowOfKind[MetricKind];
