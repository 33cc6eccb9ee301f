import { once } from 'node:events';
import type { ConsumeMessage } from 'amqplib';
import { RECORDS_EXCHANGE, RECORDS_QUEUE } from '../../amqp/topology.js';
import { type Command, type Given, UsageError } from '../command.js';
import { BROKER_FLAG, BROKER_VARIABLE, brokerOf } from '../messages/broker-flag.js';
import { positiveFlag } from '../messages/positive-flag.js';
import { recordedLine, recordedMessage } from '../messages/recorded-message.js';
import { ReadableLines } from './readable-lines.js';
import { Wiretap } from './wiretap.js';

const WIRES = ['v1', 'v2'] as const;

export const tailCommand: Command = {
  name: 'tail',
  summary: 'prints what flows by in RabbitMQ, without taking anything from anybody',
  about: `Prints a line for each record and each batch until Ctrl-C. It has a queue of its own, which goes with it: consumers get everything as without it, and a
terminal that can't keep up misses messages instead of filling the broker. With --json each line is a whole message, which \`phanos replay\` can send again.

A queue makes messages deliverable, so that senders that ask for it would take them for delivered where only the tail listens. It therefore listens only
to what another queue receives as well: the shards that collectors have declared, and records while the queue imp_prof is there.`,
  flags: {
    amqp: BROKER_FLAG,
    wire: { type: 'string', placeholder: 'v1|v2', help: 'only records (v1, of Python phanos and ImpProfHandler), or only batches (v2)' },
    json: { type: 'boolean', help: 'one JSON object a message' },
    count: { type: 'string', placeholder: 'N', help: 'ends after N messages' },
    for: { type: 'string', placeholder: 'SECONDS', help: 'ends after so many seconds' },
    exchange: { type: 'string', placeholder: 'NAME', help: `exchange of records (default ${RECORDS_EXCHANGE})` },
    queue: { type: 'string', placeholder: 'NAME', help: `queue that keeps records for their consumer (default ${RECORDS_QUEUE})` },
    alone: { type: 'boolean', help: 'listens also where no queue keeps the messages: they then count as delivered, and are gone' },
  },
  environment: [BROKER_VARIABLE],
  examples: [
    'phanos tail --amqp amqp://localhost',
    'phanos tail --wire v1 --json --for 60 > recorded.jsonl && phanos replay recorded.jsonl --amqp amqp://elsewhere',
  ],
  run: tail,
};

async function tail(given: Given): Promise<number> {
  const { flags } = given;
  const text = (name: string): string | undefined => flags[name] as string | undefined;
  const wires = WIRES.filter((wire) => text('wire') === undefined || wire === text('wire'));
  if (wires.length === 0) throw new UsageError(`--wire must be v1 or v2, got '${text('wire')}'`);
  const most = positiveFlag(given, 'count') ?? Number.POSITIVE_INFINITY;
  const seconds = positiveFlag(given, 'for');
  const readable = new ReadableLines();
  const ended = new AbortController();
  let messages = 0;
  const receive = async (came: ConsumeMessage): Promise<void> => {
    if (ended.signal.aborted) return;
    messages++;
    const message = recordedMessage(came);
    const at = new Date().toISOString();
    const lines = flags.json === true ? [recordedLine(message, at)] : readable.of(message, at.slice(11, 23));
    const goesOn = process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    if (messages >= most) ended.abort();
    // Until the terminal has it, the broker keeps what comes next.
    if (!goesOn) await Promise.race([once(process.stdout, 'drain'), aborted(ended.signal)]).catch(() => undefined);
  };
  // A pager or `head` that has seen enough.
  process.stdout.on('error', () => ended.abort());
  const tell = (sentence: string): void => void process.stderr.write(`phanos tail: ${sentence}\n`);
  const exchange = text('exchange') ?? RECORDS_EXCHANGE;
  const queue = text('queue') ?? RECORDS_QUEUE;
  const wiretap = new Wiretap({ address: brokerOf(given), wires, exchange, queue, alone: flags.alone === true, receive, tell });
  const end = (): void => ended.abort();
  process.on('SIGINT', end).on('SIGTERM', end);
  // The connection keeps no process alive.
  const alive = setInterval(() => undefined, 1 << 30);
  try {
    await wiretap.ready();
    if (seconds !== undefined) setTimeout(end, seconds * 1000).unref();
    await aborted(ended.signal);
  } finally {
    await wiretap.close();
    clearInterval(alive);
    process.off('SIGINT', end).off('SIGTERM', end);
  }
  tell(`${messages} ${messages === 1 ? 'message' : 'messages'} seen`);
  return 0;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}
