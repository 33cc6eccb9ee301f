import { expect, test } from 'vitest';
import { nearest } from '../../examples/shop/nearest.js';
import { HELP, readCommandLine } from '../../examples/shop/options.js';

test('without options the defaults hold', () => {
  expect(readCommandLine([])).toEqual({
    wants: 'run',
    options: { seconds: undefined, port: 9464, shopPort: 0, rate: 400, requests: undefined, connections: 16, seed: 1 },
  });
});

test('every option is read, in both forms', () => {
  const args = ['--for', '2.5', '--port=0', '--shop-port', '8080', '--rate=50', '--requests', '7', '--connections=3', '--seed', '9'];
  expect(readCommandLine(args)).toEqual({
    wants: 'run',
    options: { seconds: 2.5, port: 0, shopPort: 8080, rate: 50, requests: 7, connections: 3, seed: 9 },
  });
});

test.each(['--help', '-h'])('%s asks for help, which names every option', (option) => {
  expect(readCommandLine([option])).toEqual({ wants: 'help' });
  for (const name of ['for', 'port', 'shop-port', 'rate', 'requests', 'connections', 'seed', 'help'])
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
