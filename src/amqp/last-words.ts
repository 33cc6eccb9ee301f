import type { Channel } from 'amqplib';
import type { OpenConnection } from './open-connection.js';
import type { OutgoingMessage } from './publisher.js';

/**
 * A channel for messages of a process that is about to end. The library writes at a later turn of the event loop, which will not come any more, so the
 * frames are written here; and on a channel of their own, for in the middle of a message on another one they would be taken for a part of it.
 */
export class LastWords {
  readonly #connection: OpenConnection;
  readonly #number: number | undefined;

  private constructor(connection: OpenConnection, channel: Channel) {
    this.#connection = connection;
    this.#number = (channel as unknown as { readonly ch?: number }).ch;
  }

  static async open(connection: OpenConnection): Promise<LastWords> {
    return new LastWords(connection, await connection.channel(() => undefined));
  }

  /** Gives a message to the system, as far as it takes it at once. Nobody will know what became of it. */
  say(message: OutgoingMessage): boolean {
    return this.#number !== undefined && this.#connection.writeNow(framesOf(this.#number, message));
  }
}

/** Bytes of a body frame: the least that every broker takes, without what is around it. */
const FRAME = 4088;

/** AMQP 0-9-1: a method frame (60, 40), a header with those properties that are used here, and the body in frames. */
function framesOf(channel: number, { exchange, routingKey, body, mandatory, properties }: OutgoingMessage): Buffer {
  const { contentType, contentEncoding, deliveryMode } = properties;
  const method = Buffer.concat([Buffer.from([0, 60, 0, 40, 0, 0]), text(exchange), text(routingKey), Buffer.from([mandatory ? 1 : 0])]);
  const flags =
    (contentType === undefined ? 0 : 0x8000) | (contentEncoding === undefined ? 0 : 0x4000) | (deliveryMode === undefined ? 0 : 0x1000);
  const header = Buffer.alloc(14);
  header.writeUInt16BE(60, 0);
  header.writeBigUInt64BE(BigInt(body.byteLength), 4);
  header.writeUInt16BE(flags, 12);
  const values = [
    header,
    contentType === undefined ? EMPTY : text(contentType),
    contentEncoding === undefined ? EMPTY : text(contentEncoding),
    deliveryMode === undefined ? EMPTY : Buffer.from([deliveryMode]),
  ];
  const frames = [frame(1, channel, method), frame(2, channel, Buffer.concat(values))];
  for (let at = 0; at < body.byteLength; at += FRAME) frames.push(frame(3, channel, body.subarray(at, at + FRAME)));
  return Buffer.concat(frames);
}

const EMPTY = Buffer.alloc(0);

function frame(type: number, channel: number, payload: Uint8Array): Buffer {
  const start = Buffer.alloc(7);
  start.writeUInt8(type, 0);
  start.writeUInt16BE(channel, 1);
  start.writeUInt32BE(payload.byteLength, 3);
  return Buffer.concat([start, payload, Buffer.from([0xce])]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.byteLength]), bytes]);
}
