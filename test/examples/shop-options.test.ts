import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { nearest } from '../../examples/shop/nearest.js';
import { HELP, readCommandLine } from '../../examples/shop/options.js';

test('without options the defaults hold; a worker for each core, but two to four', () => {
  const workers = Math.min(4, Math.max(2, availableParallelism()));
  const none = { seconds: undefined, requests: undefined, killWorkers: undefined, collector: undefined };
  expect(readCommandLine([])).toEqual({
    wants: 'run',
    options: { ...none, port: 9464, shopPort: 0, workers, rate: 400, connections: 16, seed: 1 },
  });
});

test('every option is read, in both forms', () => {
  const args = ['--for', '2.5', '--port=0', '--shop-port', '8080', '--rate=50', '--requests', '7', '--connections=3', '--seed', '9'];
  args.push('--workers', '5', '--kill-workers', '1.5');
  expect(readCommandLine(args)).toEqual({
    wants: 'run',
    options: {
      seconds: 2.5,
      port: 0,
      collector: undefined,
      shopPort: 8080,
      workers: 5,
      killWorkers: 1.5,
      rate: 50,
      requests: 7,
      connections: 3,
      seed: 9,
    },
  });
});

test.each([[['--kill-workers']], [['--kill-workers', '--for', '5']], [['--kill-workers=3']], [['--kill-workers', '3']]])(
  '%j kills one every three seconds',
  (args) => {
    expect(readCommandLine(args)).toMatchObject({ wants: 'run', options: { killWorkers: 3 } });
  },
);

test.each(['http://127.0.0.1:9464', 'https://collector', 'unix:/run/phanos.sock', 'amqp://broker'])('--collector %s', (collector) => {
  expect(readCommandLine(['--collector', collector])).toMatchObject({ wants: 'run', options: { collector } });
});

test('who sends to a collector elsewhere serves nothing here', () => {
  const sentence = '--port is that of /metrics here, and with --collector it is the collector that serves; leave one of them out';
  expect(readCommandLine(['--port', '0', '--collector', 'unix:/run/phanos.sock'])).toEqual({ wants: 'nonsense', sentence });
});

test('--workers 0 asks for one process, which has nobody to kill', () => {
  expect(readCommandLine(['--workers', '0'])).toMatchObject({ wants: 'run', options: { workers: 0 } });
  const sentence = '--kill-workers needs workers to kill; give --workers 1 or more';
  expect(readCommandLine(['--workers', '0', '--kill-workers'])).toEqual({ wants: 'nonsense', sentence });
});

test.each(['--help', '-h'])('%s asks for help, which names every option', (option) => {
  expect(readCommandLine([option])).toEqual({ wants: 'help' });
  for (const name of [
    'for',
    'port',
    'shop-port',
    'rate',
    'requests',
    'connections',
    'seed',
    'workers',
    'kill-workers',
    'collector',
    'help',
  ])
    expect(HELP).toContain(`\n  --${name} `);
});

test.each([
  [['--prot', '80'], 'there is no option --prot; did you mean --port?'],
  [['--shopport=80'], 'there is no option --shopport; did you mean --shop-port?'],
  [['--verbose'], 'there is no option --verbose; --help shows all'],
  [['-x'], 'there is no option -x; --help shows all'],
  [['10'], "'10' belongs to no option; with npm, -- goes before the options, as in npm start -- --for 10"],
  [['--for'], '--for takes seconds, a number from 0.1 to 86400, got nothing'],
  [['--for', '-1'], "--for takes seconds, a number from 0.1 to 86400, got '-1'"],
  [['--for', 'ten'], "--for takes seconds, a number from 0.1 to 86400, got 'ten'"],
  [['--port='], "--port takes a port, a whole number from 0 to 65535, got ''"],
  [['--port', '65536'], "--port takes a port, a whole number from 0 to 65535, got '65536'"],
  [['--collector', 'broker'], "--collector takes http://HOST:PORT, unix:/PATH or amqp://HOST, got 'broker'"],
  [['--collector'], "--collector takes http://HOST:PORT, unix:/PATH or amqp://HOST, got ''"],
  [['--workers', '2.5'], "--workers takes a number of processes, a whole number from 0 to 32, got '2.5'"],
  [['--kill-workers', 'often'], "--kill-workers takes seconds, a number from 0.5 to 86400, got 'often'"],
  [['--rate', '0.5'], "--rate takes requests per second, a whole number from 1 to 20000, got '0.5'"],
])('%j is refused with a sentence', (args, sentence) => {
  expect(readCommandLine(args)).toEqual({ wants: 'nonsense', sentence });
});

test('the nearest word takes the fewest edits, and a third of the letters at most', () => {
  expect(nearest('sed', ['rate', 'seed', 'for'])).toBe('seed');
  expect(nearest('rade', ['rate', 'seed'])).toBe('rate');
  expect(nearest('helpful', ['help'])).toBe('help');
  expect(nearest('anything', ['rate', 'seed'])).toBeUndefined();
  expect(nearest('anything', [])).toBeUndefined();
});
