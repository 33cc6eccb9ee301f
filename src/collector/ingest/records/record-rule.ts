import { checkKnownKeys, describe, expectBoolean, expectName, expectString, invalidOption } from '../../../diagnostics/options.js';
import { labelNameFault, metricNameFault } from '../../../record/names.js';
import type { MetricKind } from '../../../record/recorded.js';

/**
 * Says which family records become. Records carry no metric name, so that kind, units and the rest of what they do carry must tell. Of several rules that
 * fit the first one counts.
 */
export interface RecordRule {
  /** Fits records of this kind only. @default any */
  readonly kind?: MetricKind;
  /** Fits records with exactly these units. @default any */
  readonly units?: string;
  /** Fits records of this job. @default any */
  readonly job?: string;
  /** Fits records of this class or module. @default any */
  readonly item?: string;
  /** Fits records with exactly these labels, in any order, `error_raised` aside. @default any */
  readonly labels?: readonly string[];
  /** Name of the family, without the unit and without the suffix of its kind. Needed unless `drop`. */
  readonly name?: string;
  /** @default a sentence that tells kind and units */
  readonly help?: string;
  /** Upper bounds of a histogram's buckets, in the unit of the records. @default by unit: those of the default metrics, or 0.001 to 1,000,000 */
  readonly bounds?: readonly number[];
  /** Adds the labels `method`, `function` and, where it is told, `error_raised`. @default false */
  readonly callPath?: boolean;
  /** Leaves the records out, counted. @default false */
  readonly drop?: boolean;
}

const FIELDS = ['kind', 'units', 'job', 'item', 'labels', 'name', 'help', 'bounds', 'callPath', 'drop'] as const;
const KINDS: readonly MetricKind[] = ['counter', 'enum', 'gauge', 'histogram', 'info', 'summary'];

/** Checks rules that a user wrote. Throws a TypeError that names the rule by its place, the field, and what was expected. */
export function checkRecordRules(rules: unknown, where = 'records.rules'): readonly RecordRule[] {
  if (!Array.isArray(rules)) throw invalidOption('records', 'rules', 'a list of rules', rules);
  return rules.map((rule: unknown, i) => checkedRule(rule, `${where}[${i}]`));
}

function checkedRule(rule: unknown, where: string): RecordRule {
  checkKnownKeys(where, rule, FIELDS);
  const { kind, units, job, item, labels, name, help, bounds, callPath, drop = false } = rule as RecordRule;
  if (kind !== undefined && !KINDS.includes(kind)) throw invalidOption(where, 'kind', `one of ${KINDS.join(', ')}`, kind);
  for (const [field, text] of Object.entries({ units, job, item, help })) if (text !== undefined) expectString(where, field, text);
  if (labels !== undefined) checkLabels(where, labels);
  if (bounds !== undefined) checkBounds(where, bounds);
  if (callPath !== undefined) expectBoolean(where, 'callPath', callPath);
  if (expectBoolean(where, 'drop', drop)) return rule as RecordRule;
  const fault = metricNameFault(expectName(where, 'name', name));
  if (fault !== undefined) throw invalidOption(where, 'name', `a metric name (${fault})`, name);
  return rule as RecordRule;
}

function checkLabels(where: string, labels: unknown): void {
  if (!Array.isArray(labels)) throw invalidOption(where, 'labels', 'a list of label names', labels);
  for (const label of labels as unknown[]) {
    if (typeof label !== 'string' || labelNameFault(label) !== undefined) {
      throw invalidOption(where, 'labels', 'a list of label names', `${describe(label)} among them`);
    }
  }
}

function checkBounds(where: string, bounds: unknown): void {
  const ascend =
    Array.isArray(bounds) && bounds.length > 0 && bounds.every((bound, i) => Number.isFinite(bound) && (i === 0 || bound > bounds[i - 1]));
  if (!ascend) throw invalidOption(where, 'bounds', 'a list of ascending numbers', Array.isArray(bounds) ? bounds.join(', ') : bounds);
}
