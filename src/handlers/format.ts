import { pythonFloat } from '../record/number-form.js';
import { pythonText } from '../record/python-text.js';
import type { Recorded } from '../record/recorded.js';

/**
 * The text line of a record, without an end of line, byte for byte as Python phanos writes it:
 * `profiler: NAME, method: CONTEXT, value: 2.0 mS, labels: kind=a, error_raised=False`. Nothing is escaped: a line break in a label value breaks the line.
 */
export function formatRecord(metricName: string, record: Recorded): string {
  const value = record.value[1];
  const text = typeof value === 'number' ? pythonFloat(value) : pythonText(value);
  return `profiler: ${metricName}, method: ${pythonText(record.method)}, value: ${text} ${pythonText(record.units)}${labelsText(record.labels)}`;
}

/** The lines of several records of one metric, joined by line breaks. */
export function formatRecords(metricName: string, records: readonly Recorded[]): string {
  return records.map((record) => formatRecord(metricName, record)).join('\n');
}

function labelsText(labels: Recorded['labels']): string {
  let text = '';
  for (const name in labels) {
    text += `${text === '' ? ', labels: ' : ', '}${name}=${pythonText(labels[name])}`;
  }
  return text;
}
