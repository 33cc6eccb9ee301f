import { orjsonFloat } from './number-form.js';
import type { Recorded } from './recorded.js';

/** Records as message bodies, byte for byte as Python phanos writes them: compact JSON, numbers as floats, NaN and infinities as `null`. */

/** Most records of a message have the same beginning. */
let lastRecord: Recorded | undefined;
let lastStart = '';

/** One record as a JSON object. */
export function recordText(record: Recorded): string {
  const { item, metric, units, job, method, labels, value } = record;
  const last = lastRecord;
  if (last === undefined || last.item !== item || last.job !== job || last.units !== units || last.metric !== metric) {
    const [shownItem, shownUnits, shownJob] = [item, units, job].map((text) => JSON.stringify(text));
    lastStart = `{"item":${shownItem},"metric":"${metric}","units":${shownUnits},"job":${shownJob},"method":`;
    lastRecord = record;
  }
  return `${lastStart}${JSON.stringify(method)},"labels":${labelsText(labels)},"value":[${JSON.stringify(value[0])},${valueText(value[1])}]}`;
}

/** Several records as a JSON array. */
export function recordsText(records: readonly Recorded[]): string {
  let text = '';
  for (const record of records) text += `${text === '' ? '[' : ','}${recordText(record)}`;
  return text === '' ? '[]' : `${text}]`;
}

function labelsText(labels: Recorded['labels']): string {
  let text = '';
  for (const name in labels) text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${innerText(labels[name])}`;
  return text === '' ? '{}' : `${text}}`;
}

/** Python keeps the numbers of metrics as floats, so that a whole one has its `.0`. */
function valueText(value: Recorded['value'][1]): string {
  return typeof value === 'number' ? orjsonFloat(value) : innerText(value);
}

/** What labels and infos hold: there a whole number stands for Python's int. */
function innerText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (typeof value === 'number') return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : orjsonFloat(value);
  // What can't be written is null, as are functions, and objects that hold themselves.
  return objectText(value) ?? 'null';
}

function objectText(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}
