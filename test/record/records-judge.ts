import type { RecordRefusal } from '../../src/record/decoded-record.js';
import { labelNameFault } from '../../src/record/names.js';

/** What is to become of a record, judged from the parsed value by the rules alone: no streams, no recognized beginnings, no shortcuts. */

const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  counter: ['inc'],
  gauge: ['inc', 'dec', 'set'],
  histogram: ['observe'],
  summary: ['observe'],
  enum: ['state'],
  info: ['info'],
};

/** Every reason for which a record may be left out; none if it is to be taken. */
export function faultsOf(record: unknown): ReadonlySet<RecordRefusal> {
  const faults = new Set<RecordRefusal>();
  if (!isObject(record)) return faults.add('malformed');
  const { item, metric, units, job, method, labels, value } = record;
  if ([item, metric, units, job, method].some((text) => typeof text !== 'string')) return faults.add('malformed');
  if (!isObject(labels) || !Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string') return faults.add('malformed');
  if (String(job).length > 256 || [item, units, method].some((text) => String(text).length > 4096)) faults.add('text_limit');
  for (const fault of pairFaults(labels, labelFault)) faults.add(fault);
  const operations = Object.hasOwn(OPERATIONS, String(metric)) ? OPERATIONS[String(metric)]! : undefined;
  const [operation, operand] = value as [string, unknown];
  if (operations === undefined) return faults.add('kind_unknown');
  if (!operations.includes(operation)) faults.add('operation_unknown');
  for (const fault of operandFaults(String(metric), operand)) faults.add(fault);
  return faults;
}

/** How a label value or one of an info's pairs is shown; undefined for what can't be. */
export function shownText(value: unknown): string | undefined {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? undefined : JSON.stringify(value);
}

function operandFaults(metric: string, operand: unknown): Set<RecordRefusal> {
  const faults = isObject(operand)
    ? pairFaults(operand, (name) => (labelNameFault(name) === undefined ? undefined : 'name_invalid'))
    : new Set<RecordRefusal>();
  if (typeof operand === 'string' && operand.length > 4096) faults.add('text_limit');
  const fits =
    metric === 'enum'
      ? typeof operand === 'string'
      : metric === 'info'
        ? isObject(operand)
        : Number.isFinite(operand) && (metric !== 'counter' || (operand as number) >= 0);
  return fits ? faults : faults.add('value_invalid');
}

function labelFault(name: string, shown: string): RecordRefusal | undefined {
  if (name !== 'error_raised') return labelNameFault(name) === undefined ? undefined : 'name_invalid';
  return /^(true|false)$/i.test(shown) ? undefined : 'labels_invalid';
}

function pairFaults(pairs: object, nameFault: (name: string, shown: string) => RecordRefusal | undefined): Set<RecordRefusal> {
  const faults = new Set<RecordRefusal>();
  const entries = Object.entries(pairs) as [string, unknown][];
  if (entries.length > 32) faults.add('labels_limit');
  for (const [name, value] of entries) {
    const shown = shownText(value);
    const fault = shown === undefined ? 'labels_invalid' : nameFault(name, shown);
    if (fault !== undefined) faults.add(fault);
    if (name !== 'error_raised' && (shown?.length ?? 0) > 4096) faults.add('text_limit');
  }
  return faults;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
