import { connect } from 'amqplib';

/** What a Python service with phanos and its ImpProfHandler says on the broker, spelled out: no phanos in here. */

const connection = await connect(process.env.AMQP_URL ?? 'amqp://127.0.0.1');
const channel = await connection.createConfirmChannel();
await channel.assertExchange('profiling', 'fanout', { durable: false });

for (let i = 0; i < 30; i++) {
  // The records of one root call; times in milliseconds.
  const call = { item: 'reports', job: 'reports', labels: { error_raised: i % 10 === 0 } };
  const records = [
    { ...call, metric: 'histogram', units: 'mS', method: 'Report:render.load', value: ['observe', 1.5] },
    { ...call, metric: 'histogram', units: 'mS', method: 'Report:render', value: ['observe', 4.25] },
  ];
  channel.publish('profiling', 'reports', Buffer.from(JSON.stringify(records)));
}
await channel.waitForConfirms();
await connection.close();
console.log('30 reports');
