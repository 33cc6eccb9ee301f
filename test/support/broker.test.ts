import { connect } from 'amqplib';
import { expect, test } from 'vitest';
import { Broker } from './broker.js';
import { runProgram } from './run-program.js';
import { anyBroker, emptyVhost } from './shared-broker.js';

test('files of a run share a broker, each with virtual hosts of its own', { timeout: 330_000 }, async () => {
  const [one, two] = await Promise.all([emptyVhost(), emptyVhost()]);
  expect(one).not.toBe(two);
  expect(new URL(one).host).toBe(new URL(two).host);
  for (const url of [one, two, await anyBroker()]) {
    const connection = await connect(url);
    const channel = await connection.createChannel();
    const { queue } = await channel.assertQueue('', { exclusive: true });
    expect(queue).not.toBe('');
    await connection.close();
  }
});

test('a broker of one’s own keeps durable queues over a stop, and leaves no process behind', { timeout: 330_000 }, async () => {
  const broker = await Broker.start();
  try {
    const url = await broker.addVhost('mine');
    const before = await connect(url);
    before.on('error', () => undefined);
    const channel = await before.createConfirmChannel();
    await channel.assertQueue('kept', { durable: true });
    channel.sendToQueue('kept', Buffer.from('1'), { persistent: true });
    await channel.waitForConfirms();
    await broker.stop();
    await expect(connect(url)).rejects.toThrow('ECONNREFUSED');
    await broker.startAgain();
    expect(await broker.messages('kept', 'mine')).toEqual({ ready: 1, unacknowledged: 0 });
    const after = await connect(url);
    await after.close();
  } finally {
    await broker.remove();
  }
  const { stdout } = await runProgram('ps', ['-eo', 'args']);
  expect(stdout.split('\n').filter((line) => line.includes(`phanos-${broker.port}@`))).toEqual([]);
});
