import { Gauge, Histogram, Info } from 'phanos';
import { beforeAll, describe, expect, test } from 'vitest';
import { ImpProfHandler, type ImpProfHandlerOptions } from '../../src/rabbitmq.js';
import { recordsText, recordText } from '../../src/record/record-body.js';
import type { Recorded } from '../../src/record/recorded.js';
import { pythonSize, Stage, type StageOptions } from '../golden/stage.js';
import { golden } from '../record/golden.js';
import { emptyVhost } from '../support/shared-broker.js';
import { TcpProxy } from '../support/wire-peers.js';
import { framesOf, methods } from './frames.js';
import { MessageSink, propertiesOf } from './messages.js';

/** Messages of Python phanos, captured at a broker, and those of the same programs here: bodies byte for byte, properties, exchange, routing key. */

interface GoldenMessage {
  readonly exchange: string;
  readonly routing_key: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body_base64: string;
}

interface GoldenCase {
  readonly name: string;
  readonly messages: readonly GoldenMessage[];
}

const casesOf = (file: string): readonly GoldenCase[] => golden<{ cases: GoldenCase[] }>(`python-phanos/amqp/${file}.json`).cases;

/** A program, and the settings of its profiler. */
interface Program {
  readonly config?: StageOptions;
  readonly run: (c: Stage) => void;
}

let url: string;
beforeAll(async () => {
  url = await emptyVhost();
}, 330_000);

/** Runs a program with the handler, and returns what arrived at the broker. */
async function messagesOf({ run, config = {} }: Program, count: number, options: ImpProfHandlerOptions = {}) {
  const sink = await MessageSink.open(url);
  const handler = new ImpProfHandler('imp', { url, ...options });
  try {
    const stage = new Stage('t_amqp');
    stage.config({ capture: false, stream: false, ...config });
    stage.profiler.addHandler(handler);
    run(stage);
    await stage.profiler.flush();
    expect(handler.delivery).toMatchObject({ dropped: {}, waiting: 0 });
    await sink.received(count);
    await stage.profiler.close();
    return sink.messages.map((message) => ({
      exchange: message.fields.exchange,
      routing_key: message.fields.routingKey,
      properties: propertiesOf(message),
      body: message.content.toString(),
    }));
  } finally {
    await handler.close();
    await sink.close();
  }
}

const expected = ({ messages }: GoldenCase) =>
  messages.map(({ exchange, routing_key, properties, body_base64 }) => ({
    exchange,
    routing_key,
    properties,
    body: Buffer.from(body_base64, 'base64').toString(),
  }));

const sync: Readonly<Record<string, Program>> = {
  root: { run: (c) => c.profile({ item: 't_sync', name: 'plain' }, () => c.clock.tick(1.5))() },
  root_no_label: {
    config: { errorRaisedLabel: false },
    run: (c) => c.profile({ item: 't_sync', name: 'plain' }, () => c.clock.tick(1.5))(),
  },
  response_size: { config: { responseSizeProfile: true }, run: (c) => tree(c) },
  error: {
    run(c) {
      const first = c.profile({ item: 'Db', name: 'first' }, () => c.clock.tick(200));
      const raises = c.profile({ item: 'Db', name: 'raises' }, () => {
        first();
        throw new Error('boom');
      });
      expect(raises).toThrow('boom');
    },
  },
  odd_values: { config: { errorRaisedLabel: false, timeProfile: false }, run: odd },
  other_job: {
    run(c) {
      const other = new Histogram({ name: 'other', units: 'ms', job: 'OTHER.job', profiler: c.profiler });
      c.fn('f', () => other.observe(1))();
    },
  },
  limit_250: { run: limit },
  no_records: {
    config: { timeProfile: false },
    run(c) {
      new Gauge({ name: 'silent', units: 'x', profiler: c.profiler });
      c.fn('f', () => undefined)();
    },
  },
};

function tree(c: Stage): void {
  const item = 'Res';
  const first = c.profile({ item, name: 'first' }, () => c.clock.tick(200));
  const second = c.profile({ item, name: 'second' }, () => {
    c.clock.tick(300);
    first();
  });
  const get = c.profile({ item, name: 'get', ...pythonSize(56) }, () => {
    first();
    second();
  });
  get();
}

function odd(c: Stage): void {
  const metric = new Histogram({ name: 'odd', units: 'µs', labelNames: ['a'], profiler: c.profiler });
  const values: [string, number][] = [
    ['é✓😀', 0],
    ['quo"te', -0],
    ['back\\slash', 1e16],
    ['nl\ntab\t\u0001', 1e-7],
    ['\u2028</script>', Number.POSITIVE_INFINITY],
    ['', Number.NEGATIVE_INFINITY],
    ['a=b, c', 0.1 + 0.2],
    ['\u007f', 86_400_000],
  ];
  c.fn('f', () => {
    for (const [a, value] of values) metric.observe(value, { a });
  })();
}

function limit(c: Stage): void {
  const leaf = c.fn('leaf', () => c.clock.tick(0.01));
  c.fn('root', () => {
    for (let i = 0; i < 250; i++) leaf();
  })();
}

describe('the sync style', () => {
  const cases = casesOf('messages_sync');
  const NOT_HERE = {
    non_string_labels: 'JAVASCRIPT: label values are strings; the bodies themselves are written below',
    exchange_listing: 'it lists the exchange, see below',
  };

  test('every case has a program, or a reason why there is none', () => {
    expect([...Object.keys(sync), ...Object.keys(NOT_HERE)].sort()).toEqual(cases.map(({ name }) => name).sort());
  });

  test.each(cases.filter(({ name }) => Object.hasOwn(sync, name)))('$name', async (one) => {
    const messages = await messagesOf(sync[one.name] as Program, one.messages.length);
    expect(messages).toEqual(expected(one));
  });
});

describe('the async style', () => {
  const programs: Readonly<Record<string, Program['run']>> = {
    root: (c) => c.fn('root', () => c.clock.tick(1.5))(),
    nested(c) {
      const child = c.fn('child', () => c.clock.tick(1));
      const root = c.fn('root', () => {
        child();
        child();
      });
      root();
    },
    error(c) {
      const root = c.fn('root', () => {
        throw new Error('boom');
      });
      expect(root).toThrow('boom');
    },
    limit_250: limit,
  };

  test.each(casesOf('messages_async'))('$name', async (one) => {
    const messages = await messagesOf({ run: programs[one.name] as Program['run'] }, one.messages.length, { style: 'async' });
    const [like, here] = [expected(one), messages].map((all) =>
      all.map((message) => ({ ...message, properties: { ...message.properties, message_id: 'unique' } })),
    );
    expect(here).toEqual(like);
    const ids = new Set(messages.map(({ properties }) => properties.message_id));
    expect(ids.size).toBe(messages.length);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

test('the form before 0.3 has one object a message', async () => {
  const { messages } = golden<GoldenCase>('python-phanos/amqp/messages_v0.2.3.json');
  const run = (c: Stage): void => {
    const first = c.profile({ item: 'Db', name: 'first' }, () => c.clock.tick(200));
    c.profile({ item: 'Db', name: 'get', ...pythonSize(42) }, () => {
      first();
      c.clock.tick(1.23);
    })();
  };
  expect(await messagesOf({ config: { responseSizeProfile: true }, run }, 3, { form: 'object' })).toEqual(expected({ name: '', messages }));
});

test('every body of the original is written again byte for byte from what it says', () => {
  for (const file of ['messages_sync', 'messages_async']) {
    for (const { messages = [] } of casesOf(file)) {
      for (const { body_base64 } of messages) {
        const body = Buffer.from(body_base64, 'base64').toString();
        // JSON knows one kind of number: what was 1.0 in a label or an info comes back as 1.
        const comparable = body.replace(/"a":1\.0/g, '"a":1').replace('[1.0,true]', '[1,true]');
        expect(recordsText(JSON.parse(body) as Recorded[])).toBe(comparable);
      }
    }
  }
  const { messages } = golden<GoldenCase>('python-phanos/amqp/messages_v0.2.3.json');
  for (const { body_base64 } of messages) {
    const body = Buffer.from(body_base64, 'base64').toString();
    expect(recordText(JSON.parse(body) as Recorded)).toBe(body);
  }
});

test('an info travels as an object', async () => {
  const run = (c: Stage): void => {
    const info = new Info({ name: 'build', profiler: c.profiler });
    c.fn('f', () => info.info({ version: '1.2', branch: 'mäin' }))();
  };
  const [message] = await messagesOf({ config: { timeProfile: false, errorRaisedLabel: false }, run }, 1);
  expect(message?.body).toBe(
    '[{"item":"t_amqp","metric":"info","units":"info","job":"JOB","method":"t_amqp:f","labels":{},"value":["info",{"version":"1.2","branch":"mäin"}]}]',
  );
});

interface GoldenFrame {
  readonly frame: string;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly payload_hex?: string;
  readonly hex?: string;
}

test.each([
  { style: 'sync', file: 'frames_sync', options: { confirms: false, mandatory: false } },
  { style: 'async', file: 'frames_async', options: {} },
] as const)('what is on the wire is what the original has there: $style', async ({ style, file, options }) => {
  const client = golden<{ client: GoldenFrame[][] }>(`python-phanos/amqp/${file}.json`).client[1] as GoldenFrame[];
  const argsOf = (frame: string) => client.find((one) => one.frame === frame)?.args;
  const proxy = await TcpProxy.to(Number(new URL(url).port));
  const through = new URL(url);
  through.port = String(proxy.port);
  try {
    const program: Program = style === 'sync' ? (sync.root as Program) : { run: (c) => c.fn('root', () => c.clock.tick(1.5))() };
    await messagesOf(program, 1, { url: through.href, style, ...options });
    const [sent] = proxy.sent as [Buffer];
    expect(sent.subarray(0, 8).toString('hex')).toBe(client[0]?.hex);
    const frames = framesOf(sent);
    // Exchange.Declare: ticket, name, type, five flags in one byte, empty arguments.
    const declare = argsOf('Exchange.Declare');
    const [declared] = methods(frames, 40, 10) as [Buffer];
    const flags = ['passive', 'durable', 'auto_delete', 'internal', 'nowait'].reduce(
      (bits, name, bit) => bits | (declare?.[name] === true ? 1 << bit : 0),
      0,
    );
    const name = Buffer.from(`\t${String(declare?.exchange)}\x06${String(declare?.exchange_type)}`);
    expect(declared).toEqual(Buffer.concat([Buffer.from([0, 0]), name, Buffer.from([flags, 0, 0, 0, 0])]));
    // Basic.Publish: ticket, exchange, routing key, mandatory.
    const publish = argsOf('Basic.Publish');
    const [published] = methods(frames, 60, 40) as [Buffer];
    const keys = Buffer.from(`\t${String(publish?.exchange)}\x03${String(publish?.routing_key)}`);
    expect(published).toEqual(Buffer.concat([Buffer.from([0, 0]), keys, Buffer.from([publish?.mandatory === true ? 1 : 0])]));
    // The header of the message, but for its id.
    const header = frames.find(({ type }) => type === 2)?.payload.toString('hex');
    const like = client.find(({ frame }) => frame === 'ContentHeader')?.payload_hex;
    expect(style === 'sync' ? header : header?.slice(0, -64)).toBe(style === 'sync' ? like : like?.slice(0, -64));
    // Confirm.Select as the original's.
    expect(methods(frames, 85, 10)).toHaveLength(client.filter(({ frame }) => frame === 'Confirm.Select').length);
    // Connection.TuneOk ends with the heartbeat.
    const [tune] = methods(frames, 10, 31) as [Buffer];
    expect(tune.readUInt16BE(6)).toBe(argsOf('Connection.TuneOk')?.heartbeat);
  } finally {
    await proxy.close();
  }
});

test('the exchange is declared as the original declares it', async () => {
  const { cases } = golden<{ cases: { listing?: { name: string; type: string; durable: boolean; auto_delete: boolean }[] }[] }>(
    'python-phanos/amqp/messages_sync.json',
  );
  const [listed] = cases.flatMap(({ listing = [] }) => listing);
  if (listed === undefined) throw new Error('the golden data list no exchange');
  const handler = new ImpProfHandler('imp', { url });
  const sink = await MessageSink.open(url);
  try {
    await handler.ready();
    // The broker refuses to declare what exists with other flags.
    const { name, type, durable, auto_delete: autoDelete } = listed;
    expect(await sink.channel.assertExchange(name, type, { durable, autoDelete })).toEqual({ exchange: name });
    await expect(sink.channel.assertExchange(name, type, { durable: !durable, autoDelete })).rejects.toThrow('inequivalent arg');
  } finally {
    await sink.close();
    await handler.close();
  }
});
