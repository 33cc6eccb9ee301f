import { BatchDecoder, type DecodedBatch } from '../../record/batch-decoder.js';
import { unpackBatch } from '../../record/batch-packing.js';
import type { DecodedRecord } from '../../record/decoded-record.js';
import { RecordsDecoder } from '../../record/records-decoder.js';
import { type RecordedMessage, wireOf } from '../messages/recorded-message.js';
import { shownText } from '../messages/shown-text.js';

/** Families of a batch that are named. */
const NAMED = 8;

/** Writes messages for people: a line for each record, a line for each batch. */
export class ReadableLines {
  readonly #records = new RecordsDecoder();
  readonly #batches = new BatchDecoder();

  /** @param at time of day that stands in front of each line */
  of(message: RecordedMessage, at: string): string[] {
    const { routingKey } = message;
    const front = `${at} ${wireOf(message)} ${shownText(routingKey)}`;
    const texts = wireOf(message) === 'v2' ? this.#batch(message) : this.#message(message);
    return texts.map((text) => `${front} ${text}`);
  }

  #message({ body }: RecordedMessage): string[] {
    const { records, refused, fault } = this.#records.decode(body);
    if (fault !== undefined) return [`no records: ${shownText(fault)} (${body.byteLength} bytes)`];
    const lines = records.map(recordText);
    for (const [reason, count] of refused) lines.push(`${count} ${count === 1 ? 'record' : 'records'} that collectors refuse: ${reason}`);
    return lines;
  }

  #batch({ body, properties }: RecordedMessage): string[] {
    try {
      const batch = this.#batches.decode(unpackBatch(body, properties.contentEncoding));
      const left = batch.refused.map(
        ({ family, reason, rows }) => `${rows} rows of ${shownText(family)} that collectors refuse: ${reason}`,
      );
      return [batchText(batch), ...left];
    } catch (error) {
      return [`no batch: ${shownText((error as Error).message)} (${body.byteLength} bytes)`];
    }
  }
}

function recordText({ head, operation, value }: DecodedRecord): string {
  const { method, item, metric, units, labelNames, labelValues, errorRaised } = head;
  const where = method === '' ? item : method;
  const labels = labelNames.map((name, i) => `${name}=${JSON.stringify(shownText(labelValues[i]!))}`);
  if (errorRaised !== undefined) labels.push(`error_raised=${errorRaised}`);
  const shown =
    typeof value === 'object' ? value.map(([name, text]) => `${shownText(name)}=${JSON.stringify(shownText(text))}`).join(' ') : value;
  const text = typeof shown === 'number' ? `${shown} ${shownText(units)}` : shownText(shown);
  const parts = [where === '' ? '(outside of calls)' : shownText(where), metric, operation, text.trim()];
  if (labels.length > 0) parts.push(`{${labels.join(', ')}}`);
  return parts.join(' ');
}

function batchText({ producer, seq, ops, families, goodbye, whole }: DecodedBatch): string {
  const { job, instance, worker } = producer;
  const who = `${shownText(job)} ${shownText(instance)} worker ${shownText(worker)} seq ${seq}`;
  if (families.length === 0) return `${who}: ${goodbye ? 'goodbye' : 'heartbeat'}`;
  const named = families.slice(0, NAMED).map(({ schema, kind, rows }) => `${shownText(schema.name)} (${kind}, ${rows.length})`);
  if (families.length > NAMED) named.push(`${families.length - NAMED} more`);
  const tail = [whole ? 'whole' : '', goodbye ? 'goodbye' : ''].filter((word) => word !== '');
  return `${who}: ${ops} operations, ${named.join(', ')}${tail.length === 0 ? '' : `; ${tail.join(', ')}`}`;
}
