import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { assertBuilt, newFolder, root } from '../support/project.js';
import { type Finished, runProgram } from '../support/run-program.js';

/** The built program as a user runs it. */

let folder: string;

beforeEach(async () => {
  assertBuilt();
  folder = await newFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const phanos = (args: readonly string[], env: Record<string, string> = {}): Promise<Finished> =>
  runProgram(process.execPath, [join(root, 'dist/esm/cli/main.js'), ...args], { cwd: folder, env });

describe('help', () => {
  test('without a command: the list of commands, and exit code 2', async () => {
    const { code, stdout } = await phanos([]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/collect .*shows them to Prometheus/);
    expect((await phanos(['--help'])).code).toBe(0);
  });

  test.each(['collect', 'check-config', 'prometheus', 'tail', 'replay'])('%s --help names its options and exits with 0', async (name) => {
    const { code, stdout, stderr } = await phanos([name, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.startsWith(`phanos ${name} [options]`)).toBe(true);
    expect(stdout).toContain('--help');
    expect((await phanos(['help', name])).stdout).toBe(stdout);
  });

  test('--version', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    expect((await phanos(['--version'])).stdout).toBe(`${version}\n`);
  });
});

test.each([
  [['colect'], "phanos: there is no command 'colect', did you mean 'collect'?\nsee `phanos --help`\n"],
  [
    ['collect', '--data-dirs', 'x'],
    "phanos collect: unknown option '--data-dirs', did you mean '--data-dir'?\nsee `phanos collect --help`\n",
  ],
  [['collect', 'now'], "phanos collect: 'now' is not understood\nsee `phanos collect --help`\n"],
  [['collect', '--durability', 'full'], "phanos collect: --durability must be group or none, got 'full'\nsee `phanos collect --help`\n"],
  [
    ['collect', '--listen', '9464'],
    "phanos collect: '9464' is no address to listen on; write HOST:PORT, such as 127.0.0.1:9464, or off\nsee `phanos collect --help`\n",
  ],
  [
    ['collect', '--shards', '0-7'],
    'phanos collect: shards says what to take from RabbitMQ, and no broker is named; add --amqp amqp://USER:PASSWORD@HOST\nsee `phanos collect --help`\n',
  ],
  [
    ['collect', '--amqp', 'amqp://phanos:secret@broker:port'],
    'phanos collect: amqp: what was given is no address of a broker; write amqp://user:password@host:5672/vhost\nsee `phanos collect --help`\n',
  ],
  [['check-config'], 'phanos check-config: which file?\nsee `phanos check-config --help`\n'],
  [
    ['prometheus', '--error-share', 'much'],
    "phanos prometheus: --error-share must be a number greater than 0, got 'much'\nsee `phanos prometheus --help`\n",
  ],
  [
    ['prometheus', '--interval', '1.5'],
    "phanos prometheus: --interval must be a whole number of seconds, got '1.5'\nsee `phanos prometheus --help`\n",
  ],
  [
    ['prometheus', '--hold-seconds', '0.5'],
    "phanos prometheus: --hold-seconds must be a whole number of seconds, got '0.5'\nsee `phanos prometheus --help`\n",
  ],
  [
    ['prometheus', '--slow-seconds', '10'],
    "phanos prometheus: --slow-seconds must be less than 10, where the buckets of the time metric end, got '10'\nsee `phanos prometheus --help`\n",
  ],
])('%j is refused with a hint and exit code 2', async (args, stderr) => {
  expect(await phanos(args)).toEqual({ code: 2, stdout: '', stderr });
});

const CONFIG = `# A configuration with everything.
listen: '[::1]:9999'
socket: run/phanos.sock
dataDir: data
durability: none
limits:
  seriesPerFamily: 5
amqp: amqps://phanos:broker-secret@broker/orders
shards: 0-31,40
recordsQueue: measures
recordsBesideBatches: true
recordRules:
  - { kind: counter, units: items, name: sold, labels: [kind] }
readTokens: [read-token-0123456789]
writeTokens: [write-token-0123456789, another-token-0123456]
allowedHosts: [collector]
logFormat: json
`;

describe('settings', () => {
  test('a file, over it the environment, over it flags; secrets are not shown', async () => {
    await writeFile(join(folder, 'phanos.yml'), CONFIG);
    const args = ['collect', '--config', 'phanos.yml', '--print-config', '--durability', 'group'];
    const { code, stdout } = await phanos(args, {
      PHANOS_DATA_DIR: '/elsewhere',
      PHANOS_LISTEN: ':9000',
      PHANOS_SHARDS: '0-7',
    });
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/token-0123456789|broker-secret/);
    expect(JSON.parse(stdout)).toEqual({
      listen: { host: '::', port: 9000 },
      socket: join(folder, 'run/phanos.sock'),
      dataDir: '/elsewhere',
      durability: 'group',
      limits: { seriesPerFamily: 5 },
      amqp: 'amqps://broker:5671/orders',
      shards: '0-7',
      recordsQueue: 'measures',
      recordsBesideBatches: true,
      recordRules: [{ kind: 'counter', units: 'items', name: 'sold', labels: ['kind'] }],
      readTokens: ['<redacted>'],
      writeTokens: ['<redacted>', '<redacted>'],
      allowedHosts: ['collector'],
      logFormat: 'json',
    });
  });

  test('the environment says everything that a file says about the service, and names the file', async () => {
    await writeFile(join(folder, 'phanos.yml'), CONFIG);
    const environment = {
      PHANOS_CONFIG: 'phanos.yml',
      PHANOS_DURABILITY: 'none',
      PHANOS_ALLOWED_HOSTS: 'a.example, b.example',
      PHANOS_LOG_FORMAT: 'text',
      PHANOS_READ_TOKENS: '',
    };
    const { code, stdout } = await phanos(['collect', '--print-config'], environment);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      durability: 'none',
      allowedHosts: ['a.example', 'b.example'],
      logFormat: 'text',
      readTokens: ['<redacted>'],
    });
    expect(await phanos(['collect', '--print-config'], { PHANOS_DURABILITY: 'much' })).toEqual({
      code: 2,
      stdout: '',
      stderr: "phanos collect: PHANOS_DURABILITY: must be group or none, got 'much'\nsee `phanos collect --help`\n",
    });
    expect(await phanos(['collect', '--log-format', 'xml'])).toEqual({
      code: 2,
      stdout: '',
      stderr: "phanos collect: --log-format must be text or json, got 'xml'\nsee `phanos collect --help`\n",
    });
  });

  test('check-config tells every fault with its line', async () => {
    await writeFile(join(folder, 'good.yml'), CONFIG);
    await writeFile(
      join(folder, 'bad.yml'),
      [
        'listn: x',
        'listen: 80',
        'durability: full',
        'limits:',
        '  series: 0',
        '  seris: 3',
        'readTokens: secret',
        'allowStateLoss: perhaps',
        'amqp: http://phanos:broker-secret@broker',
        'shards: 0-64',
        'records: often',
        'recordRules:',
        '  - { kind: counter, units: items }',
        '  - { kind: timer, name: t }',
        'writeTokens: [short]',
        'allowedHosts: ["a b"]',
      ].join('\n'),
    );
    await writeFile(join(folder, 'torn.json'), '{ "listen": "127.0.0.1:9464",\n  "socket": }');
    expect(await phanos(['check-config', 'good.yml'])).toEqual({ code: 0, stdout: 'good.yml: right\n', stderr: '' });
    const bad = await phanos(['check-config', 'bad.yml', 'torn.json', 'missing.yml']);
    expect(bad.code).toBe(1);
    expect(bad.stdout.split('\n')).toEqual([
      "bad.yml:1:1: unknown setting 'listn', did you mean 'listen'?",
      'bad.yml:2:9: listen must be an address such as 127.0.0.1:9464, or off, got 80',
      "bad.yml:3:13: durability must be 'group' or 'none', got 'full'",
      'bad.yml:5:11: limits.series must be a whole number of 1 or more, got 0',
      "bad.yml:6:3: unknown setting 'limits.seris', did you mean 'series'?",
      'bad.yml:7:13: readTokens must be a list of tokens of 16 or more printable ASCII characters without spaces; what came is a secret and not shown',
      "bad.yml:8:17: allowStateLoss must be true or false, got 'perhaps'",
      'bad.yml:9:7: amqp is wrong: what was given is no address of a broker; write amqp://user:password@host:5672/vhost',
      "bad.yml:10:9: shards is wrong: '0-64' is no shard or range of shards; write 0-31 or 0-15,40, from 0 to 63, all or none",
      "bad.yml:11:10: records must be true or false, got 'often'",
      'bad.yml:13:5: recordRules[0] is wrong: name must be a non-empty string, got undefined',
      "bad.yml:14:13: recordRules[1].kind must be 'counter' or 'enum' or 'gauge' or 'histogram' or 'info' or 'summary', got 'timer'",
      'bad.yml:15:1: writeTokens must be a list of tokens of 16 or more printable ASCII characters without spaces; what came is a secret and not shown',
      "bad.yml:16:16: allowedHosts[0] must be a name without a port, or '*', got 'a b'",
      expect.stringMatching(/^torn\.json:2:\d+: /),
      expect.stringMatching(/^missing\.yml can't be read \(ENOENT/),
      '',
    ]);
  });

  test('check-config tells what makes no sense together, unless flags or the environment add to it', async () => {
    await writeFile(join(folder, 'lonely.yml'), 'shards: 0-31\n');
    await writeFile(join(folder, 'off.yml'), 'listen: "off"\n');
    expect(await phanos(['check-config', 'lonely.yml', 'off.yml'])).toEqual({
      code: 1,
      stdout:
        'lonely.yml: shards says what to take from RabbitMQ, and no broker is named; add --amqp amqp://USER:PASSWORD@HOST\n' +
        'off.yml: listen is off and there is no socket, so nobody could reach the collector; add socket, or --socket\n',
      stderr: '',
    });
    expect(await phanos(['check-config', 'lonely.yml'], { PHANOS_AMQP: 'amqp://broker' })).toMatchObject({
      code: 0,
      stdout: 'lonely.yml: right\n',
    });
    const completed = ['collect', '--print-config', '--config', 'lonely.yml', '--amqp', 'amqp://broker'];
    expect((await phanos(completed)).code).toBe(0);
  });

  test('a broker by PHANOS_AMQP, shards and records by flags', async () => {
    const args = ['collect', '--print-config', '--shards', 'none', '--queue', 'q', '--exchange', 'x', '--records-beside-batches'];
    const { code, stdout } = await phanos(args, { PHANOS_AMQP: 'amqp://phanos:broker-secret@broker' });
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { amqp: 'amqp://broker:5672', shards: 'none', recordsQueue: 'q', recordsExchange: 'x', recordsBesideBatches: true, limits: {} },
    ]);
  });

  test('a broker or shards that make no sense are told by the name of their variable, without what is secret', async () => {
    const { stderr } = await phanos(['collect'], { PHANOS_AMQP: 'http://phanos:broker-secret@broker' });
    expect(stderr).toMatch(/^phanos collect: PHANOS_AMQP: .*no address of a broker; write amqp:/);
    expect(stderr).not.toContain('broker-secret');
    expect((await phanos(['collect'], { PHANOS_SHARDS: '9-1' })).stderr).toMatch(/^phanos collect: PHANOS_SHARDS: .*'9-1' is no shard/);
  });

  test('collect does not start with a wrong file', async () => {
    await writeFile(join(folder, 'bad.yml'), 'listn: x\n');
    expect(await phanos(['collect', '--config', 'bad.yml'])).toEqual({
      code: 1,
      stdout: '',
      stderr: "phanos collect: bad.yml:1:1: unknown setting 'listn', did you mean 'listen'?\n",
    });
  });
});

test('prometheus writes two files, and overwrites none', async () => {
  await mkdir(join(folder, 'out'));
  const { code, stdout } = await phanos(['prometheus', '--out', 'out', '--target', 'a:1', '--target', 'b:2', '--slow-seconds', '0.5']);
  expect([code, stdout]).toEqual([0, 'out/prometheus.yml\nout/phanos-rules.yml\n']);
  expect(await readFile(join(folder, 'out/prometheus.yml'), 'utf8')).toContain('targets: ["a:1","b:2"]');
  expect(await readFile(join(folder, 'out/phanos-rules.yml'), 'utf8')).toContain('job_function:phanos_seconds:p99_5m > 0.5');
  const again = await phanos(['prometheus', '--out', 'out']);
  expect([again.code, again.stderr.split('\n')[0]]).toEqual([
    2,
    'phanos prometheus: out/prometheus.yml exists already; choose another folder with --out',
  ]);
});
