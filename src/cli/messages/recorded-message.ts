import type { Message } from 'amqplib';
import type { MessageProperties } from '../../amqp/publisher.js';
import { BATCH_EXCHANGE, RECORDS_EXCHANGE } from '../../amqp/topology.js';
import { unpackBatch } from '../../record/batch-packing.js';

/** A message as `phanos tail --json` writes it and `phanos replay` reads it: one JSON object a line. */
export interface RecordedMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly properties: MessageProperties;
  readonly body: Buffer;
}

const KEPT = ['contentType', 'contentEncoding', 'headers', 'deliveryMode', 'priority', 'messageId', 'type'] as const;

/** What came from the broker. Batches are unpacked, so that they can be read; to a collector they are the same. */
export function recordedMessage({ content, fields, properties }: Message): RecordedMessage {
  const { exchange, routingKey } = fields;
  const all = properties as unknown as Record<string, unknown>;
  const kept: Record<string, unknown> = {};
  for (const name of KEPT) {
    const value = all[name];
    const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    if (value !== undefined && !isEmpty) kept[name] = value;
  }
  let body = content;
  if (kept.contentEncoding === 'deflate') {
    try {
      body = Buffer.from(unpackBatch(content, 'deflate'));
      delete kept.contentEncoding;
    } catch {
      // It stays as it is, to be looked at.
    }
  }
  return { exchange, routingKey, properties: kept, body };
}

/** `v2` for batches, `v1` for records. */
export function wireOf({ exchange }: Pick<RecordedMessage, 'exchange'>): 'v1' | 'v2' {
  return exchange === BATCH_EXCHANGE ? 'v2' : 'v1';
}

/**
 * The line of a message, without its end: `at` (ISO 8601), `wire`, `exchange`, `routingKey`, `properties`, and `body`, or `base64` where the body is no
 * UTF-8.
 * @param more further fields, which nobody reads back
 */
export function recordedLine(message: RecordedMessage, at: string, more: object = {}): string {
  const { exchange, routingKey, properties, body } = message;
  const text = body.toString();
  const content = Buffer.from(text).equals(body) ? { body: text } : { base64: body.toString('base64') };
  return JSON.stringify({ at, wire: wireOf(message), exchange, routingKey, ...more, properties, ...content });
}

/**
 * Reads such a line; a list or a record by itself is a body of Python's wire. Throws an Error whose message completes the sentence "this line …".
 */
export function readRecordedLine(line: string): RecordedMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error('is no JSON; it may be torn');
  }
  if (typeof value !== 'object' || value === null) throw new Error('is neither a message nor a body');
  if (!('exchange' in value)) return bareBody(value, line);
  const { exchange, routingKey, properties = {}, body, base64 } = value as Readonly<Record<string, unknown>>;
  if (typeof exchange !== 'string' || typeof routingKey !== 'string')
    throw new Error("lacks 'exchange' or 'routingKey', which must be texts");
  if (typeof properties !== 'object' || properties === null) throw new Error("has 'properties' that are no object");
  const isText = typeof body === 'string';
  if (!isText && typeof base64 !== 'string') throw new Error("lacks 'body' or 'base64', which must be a text");
  const kept = Object.entries(properties).filter(([name]) => (KEPT as readonly string[]).includes(name));
  return {
    exchange,
    routingKey,
    properties: Object.fromEntries(kept),
    body: isText ? Buffer.from(body) : Buffer.from(base64 as string, 'base64'),
  };
}

function bareBody(value: object, line: string): RecordedMessage {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  const job = (first as { readonly job?: unknown } | undefined)?.job;
  if (typeof job !== 'string') throw new Error("has neither an 'exchange', as messages have, nor a 'job', as records have");
  return { exchange: RECORDS_EXCHANGE, routingKey: job, properties: {}, body: Buffer.from(line) };
}
