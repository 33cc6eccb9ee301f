import type { Message } from 'amqplib';
import { DEAD_HEADERS } from '../../amqp/topology.js';
import { type RecordedMessage, recordedMessage } from '../messages/recorded-message.js';

/** A message that was put aside, and where it was to go. */
export interface DeadLetter {
  readonly message: RecordedMessage;
  readonly reason: string;
  /** Why it can't be sent again; undefined if it can. */
  readonly obstacle: string | undefined;
}

/** What the broker itself adds. */
const OF_BROKER = /^x-(death|first-death-.*|last-death-.*|delivery-count|acquired-count)$/;

/** Reads what a collector, or the broker itself, wrote on a message when it put it aside. */
export function deadLetterOf(came: Message): DeadLetter {
  const headers = (came.properties.headers ?? {}) as Readonly<Record<string, unknown>>;
  const death = firstDeath(headers['x-death']);
  const exchange = textOf(headers[DEAD_HEADERS.exchange]) ?? textOf(death?.exchange);
  const routingKey = textOf(headers[DEAD_HEADERS.routingKey]) ?? textOf(death?.['routing-keys']?.[0]);
  const bytes = headers[DEAD_HEADERS.bytes];
  const own = Object.values<string>(DEAD_HEADERS);
  const left = Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name) && !OF_BROKER.test(name)));
  const message = recordedMessage({ ...came, properties: { ...came.properties, headers: left } });
  return {
    message: { ...message, exchange: exchange ?? '', routingKey: routingKey ?? '' },
    reason: textOf(headers[DEAD_HEADERS.reason]) ?? textOf(death?.reason) ?? 'unknown',
    obstacle: obstacleOf(exchange, routingKey, bytes),
  };
}

interface Death {
  readonly exchange?: unknown;
  readonly reason?: unknown;
  readonly 'routing-keys'?: readonly unknown[];
}

/** The broker puts the newest death in front, and the first one tells where the message was to go. */
function firstDeath(deaths: unknown): Death | undefined {
  return Array.isArray(deaths) ? (deaths.at(-1) as Death | undefined) : undefined;
}

function obstacleOf(exchange: string | undefined, routingKey: string | undefined, bytes: unknown): string | undefined {
  if (typeof bytes === 'number') return `only the beginning of its ${bytes} bytes was kept`;
  return exchange === undefined || routingKey === undefined ? 'nothing on it says where it was to go' : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
