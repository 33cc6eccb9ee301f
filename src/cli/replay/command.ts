import { OpenConnection } from '../../amqp/open-connection.js';
import { DEAD_LETTERS } from '../../amqp/topology.js';
import { type Command, type Given, UsageError } from '../command.js';
import { BROKER_FLAG, BROKER_VARIABLE, brokerOf } from '../messages/broker-flag.js';
import { positiveFlag } from '../messages/positive-flag.js';
import { recordedLine } from '../messages/recorded-message.js';
import { shownText } from '../messages/shown-text.js';
import { DeadLetterQueue } from './dead-letter-queue.js';
import { startProgress, summaryText } from './progress.js';
import { recordedFile } from './recorded-file.js';
import { Replayer } from './replayer.js';

export const replayCommand: Command = {
  name: 'replay',
  summary: 'sends recorded messages to RabbitMQ again, or those that were put aside',
  words: 'FILE',
  about: `FILE has the lines of \`phanos tail --json\`; - is standard input. A line that is a list of records, or a record, is sent as Python phanos would. Every message
is confirmed by the broker; one for which there is no queue, or which a queue refuses, is counted, and the exit code is 1 then. Batches that a collector has
already count once; records count again.

With --dlq the messages in ${DEAD_LETTERS} go back to where they came from, and leave ${DEAD_LETTERS} once the broker has confirmed them there. What was poison before
is put aside again, unless the collector has learned to read it: --list shows reasons and bodies, and takes nothing.`,
  flags: {
    amqp: BROKER_FLAG,
    rate: { type: 'string', placeholder: 'N', help: 'messages a second at most (default as many as the broker takes)' },
    skip: { type: 'string', placeholder: 'N', help: 'leaves out the first N messages of the file, which are there already' },
    dlq: { type: 'boolean', help: `sends what lies in ${DEAD_LETTERS} instead of a file` },
    limit: { type: 'string', placeholder: 'N', help: 'with --dlq: the N oldest (default all)' },
    list: { type: 'boolean', help: 'with --dlq: prints them, one JSON object a line, and leaves them there' },
  },
  environment: [BROKER_VARIABLE],
  examples: ['phanos replay recorded.jsonl --amqp amqp://localhost --rate 1000', 'phanos replay --dlq --list --amqp amqp://localhost'],
  async run(given) {
    const { flags, words } = given;
    const isDead = flags.dlq === true;
    const [file] = words;
    if (words.length > 1) throw new UsageError(`'${words[1]}' is one file too many`);
    if (isDead && file !== undefined) throw new UsageError('either a file or --dlq');
    for (const name of ['limit', 'list']) if (!isDead && flags[name] !== undefined) throw new UsageError(`--${name} goes with --dlq`);
    if (isDead && flags.skip !== undefined) throw new UsageError('--skip goes with a file');
    if (!isDead && file === undefined) throw new UsageError('name a file with messages, - for standard input, or --dlq');
    const settings = { rate: positiveFlag(given, 'rate'), skip: positiveFlag(given, 'skip') ?? 0, limit: positiveFlag(given, 'limit') };
    return onConnection(given, (connection) => {
      if (flags.list === true) return list(connection, settings.limit);
      return file === undefined ? replayDead(connection, settings) : replayFile(connection, file, settings);
    });
  },
};

interface Settings {
  readonly rate: number | undefined;
  readonly skip: number;
  readonly limit: number | undefined;
}

async function onConnection(given: Given, work: (connection: OpenConnection) => Promise<number>): Promise<number> {
  // The connection keeps no process alive.
  const alive = setInterval(() => undefined, 1 << 30);
  try {
    const connection = await OpenConnection.open({ address: brokerOf(given), title: 'phanos replay' });
    const end = (): void => connection.destroy('it was ended by a signal');
    process.on('SIGINT', end).on('SIGTERM', end);
    try {
      return await work(connection);
    } finally {
      process.off('SIGINT', end).off('SIGTERM', end);
      await connection.close(5000);
    }
  } finally {
    clearInterval(alive);
  }
}

async function replayFile(connection: OpenConnection, file: string, { rate, skip }: Settings): Promise<number> {
  const replayer = await Replayer.open(connection, rate);
  const stop = startProgress(() => replayer.figures, undefined);
  let skipped = 0;
  try {
    for await (const message of recordedFile(file)) {
      if (skipped < skip) skipped++;
      else await replayer.send(message);
    }
    await replayer.settled();
  } catch (error) {
    // What was sent before is known soon, unless the connection is what is wrong.
    await replayer.settled().catch(() => undefined);
    stop();
    const { settledInFront } = replayer.figures;
    tell(`${summaryText(replayer.figures)}; go on with --skip ${skip + settledInFront}`);
    throw error;
  }
  stop();
  return told(replayer);
}

async function replayDead(connection: OpenConnection, { rate, limit }: Settings): Promise<number> {
  const queue = await DeadLetterQueue.open(connection);
  const replayer = await Replayer.open(connection, rate);
  const stop = startProgress(() => replayer.figures, Math.min(queue.size, limit ?? Number.POSITIVE_INFINITY));
  let kept = 0;
  try {
    for await (const letter of queue.letters(limit)) {
      if (letter.obstacle === undefined) await replayer.send(letter.message, (outcome) => void (outcome === 'taken' && letter.letGo()));
      else {
        kept++;
        tell(`one stays, since ${letter.obstacle}: ${shownText(letter.reason)}`);
      }
    }
    await replayer.settled();
    await queue.close();
  } finally {
    stop();
  }
  const code = told(replayer);
  if (kept > 0) tell(`${kept} stay in ${DEAD_LETTERS}; --list shows them`);
  return kept > 0 ? 1 : code;
}

async function list(connection: OpenConnection, limit: number | undefined): Promise<number> {
  const queue = await DeadLetterQueue.open(connection);
  for await (const { message, reason, obstacle } of queue.letters(limit)) {
    const about = obstacle === undefined ? { reason } : { reason, obstacle };
    process.stdout.write(`${recordedLine(message, new Date().toISOString(), about)}\n`);
  }
  await queue.close();
  return 0;
}

function told(replayer: Replayer): number {
  const { figures } = replayer;
  tell(summaryText(figures));
  return figures.taken === figures.sent ? 0 : 1;
}

function tell(sentence: string): void {
  process.stderr.write(`phanos replay: ${sentence}\n`);
}
