import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as client from '../../src/client.js';
import { version } from '../../src/version.js';
import { type NodeMajor, nodeMajors, nodeProgram } from '../support/node-versions.js';
import { root } from '../support/project.js';
import { type RunOptions, runProgram } from '../support/run-program.js';
import { Packed } from './packed.js';

// Works in both formats; the collector, which it needs, is loaded lazily.
const served = `
    const { profile, profiler } = phanos;
    profiler.config({ job: 'package' });
    for (let i = 0; i < 3; i++) profile('shop:sell', () => 1)();
    const { url, close } = await profiler.serve({ port: 0 });
    const text = await (await fetch(url + '/metrics')).text();
    console.log(text.split('\\n').filter((line) => line.startsWith('phanos_time_profiler_seconds_count')).join());
    await close();
    await profiler.close();`;

// The project's amqplib is nothing but a name, so that none further up can stand in for it.
const toRabbit = `
    const { profile, profiler } = phanos;
    const logger = { debug() {}, info() {}, warn: (_fields, text) => console.log(text), error() {} };
    profiler.dictConfig({ job: 'package', logger, handlers: { other: { class: 'ImpProfHandler', handler_name: 'other', port: 1 } } });
    profiler.deleteHandler('other');
    const handler = new rabbitmq.ImpProfHandler('imp', { port: 1, retry: 1 });
    profiler.addHandler(handler);
    profile('shop:sell', () => 1)();
    await handler.ready().catch(({ code }) => console.log(code));
    console.log(handler.delivery.waiting);`;

const sources = {
  'import.mjs': `
    import * as phanos from 'phanos';
    console.log(JSON.stringify(Object.keys(phanos).sort()));`,
  'require.cjs': `
    const phanos = require('phanos');
    console.log(JSON.stringify(Object.keys(phanos).filter((name) => name !== '__esModule').sort()));`,
  'both.mjs': `
    import { createRequire } from 'node:module';
    const required = createRequire(import.meta.url)('phanos');
    const imported = await import('phanos');
    const names = Object.keys(imported);
    console.log(names.length > 0 && names.every((name) => imported[name] === required[name]) ? 'one' : 'two', 'instance');
    console.log(createRequire(import.meta.url).resolve('phanos').includes('cjs') ? 'two formats' : 'one format');`,
  'node_modules/other/package.json': '{ "name": "other", "version": "1.0.0" }',
  'node_modules/other/index.mjs': "export * from 'phanos';",
  'node_modules/other/index.cjs': "module.exports = require('phanos');",
  'twice.mjs': `
    import { createRequire } from 'node:module';
    import * as first from 'phanos';
    import * as second from './node_modules/other/index.mjs';
    const third = createRequire(import.meta.url)('./node_modules/other/index.cjs');
    class Mine extends second.Counter {}
    const same = Object.keys(first).every((name) => first[name] === second[name] && first[name] === third[name]);
    console.log(same ? 'one' : 'several', new Mine({ name: 'mine' }) instanceof first.Counter);`,
  'serve.mjs': `
    import * as phanos from 'phanos';
    ${served}`,
  'serve.cjs': `
    const phanos = require('phanos');
    (async () => {${served}})();`,
  'node_modules/amqplib/package.json': '{ "name": "amqplib", "version": "0.0.0", "main": "./gone.js", "exports": "./gone.js" }',
  'rabbit.mjs': `
    import * as phanos from 'phanos';
    import * as rabbitmq from 'phanos/rabbitmq';
    ${toRabbit}`,
  'rabbit.cjs': `
    const phanos = require('phanos');
    const rabbitmq = require('phanos/rabbitmq');
    (async () => {${toRabbit}})();`,
  'phanos.test.js': `
    const phanos = require('phanos');
    test('require gives a whole package, the same one again after a reset', () => {
      class Mine extends phanos.Counter {}
      expect(new Mine({ name: 'mine' })).toBeInstanceOf(phanos.Counter);
      expect(Object.keys(phanos).sort()).toEqual(${JSON.stringify(Object.keys(client).sort())});
      jest.resetModules();
      expect(require('phanos').Counter).toBe(phanos.Counter);
    });
    test('the collector is loaded when it is needed', async () => {
      phanos.profiler.config({ job: 'jest' });
      phanos.profile('shop:sell', () => 1)();
      expect(await phanos.profiler.metrics()).toContain('phanos_time_profiler_seconds_count{method="shop:sell"');
      await phanos.profiler.close();
    });`,
  'loaded.cjs': `
    const before = new Set(process.moduleLoadList);
    require('phanos');
    console.log(JSON.stringify({
      builtin: process.moduleLoadList.filter((name) => !before.has(name)),
      files: Object.keys(require.cache),
    }));`,
  'exposition.mjs': `
    import { createRequire } from 'node:module';
    import { FORMATS, negotiate } from 'phanos/exposition';
    const family = {
      kind: 'counter', name: 'sold', help: 'Sold.', unit: '', divisor: 1, bounds: [], states: [],
      series: [{ labels: 'kind="book"', cells: Float64Array.of(3), offset: 0 }],
    };
    const required = createRequire(import.meta.url)('phanos/exposition');
    for (const { format } of [negotiate('application/openmetrics-text'), required.negotiate(undefined)]) {
      console.log(Buffer.concat([...format.render([family])]).toString());
    }
    console.log(Object.keys(FORMATS).join());`,
  'hooks.mjs': `
    import { writeSync } from 'node:fs';
    export function load(url, context, next) {
      writeSync(1, url + '\\n');
      return next(url, context);
    }`,
  'register.mjs': "import { register } from 'node:module';\nregister('./hooks.mjs', import.meta.url);",
};

let packed: Packed;
let project: string;
let secondCopy: string;

beforeAll(async () => {
  packed = await Packed.make();
  project = await packed.project(sources);
  secondCopy = await packed.addSecondCopy(project, 'other', '0.9.9');
});

afterAll(() => packed.remove());

const run = (node: string, args: readonly string[], options?: RunOptions) => runProgram(node, args, { cwd: project, ...options });

test('the manifest brings no runtime dependency, and the archive nothing but what runs', () => {
  const manifest = JSON.parse(readFileSync(join(project, 'node_modules/phanos/package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest.dependencies).toBeUndefined();
  expect(manifest.optionalDependencies).toBeUndefined();
  expect(manifest.version).toBe(version);
  const others = packed.files.filter((path) => !/^dist\/(esm|cjs)\/.+\.(js|js\.map|d\.ts)$/.test(path));
  expect(others.filter((path) => path !== 'README.md').sort()).toEqual([
    'LICENSE',
    'dist/cjs/package.json',
    'dist/esm/package.json',
    'package.json',
  ]);
});

describe.each(nodeMajors)('on Node.js %i', (major: NodeMajor) => {
  let node: string;

  // The first run on a machine may have to fetch it.
  beforeAll(async () => {
    node = await nodeProgram(major);
  }, 330_000);

  const names = `${JSON.stringify(Object.keys(client).sort())}\n`;

  test('import gives everything', async () => {
    expect(await run(node, ['import.mjs'])).toEqual({ code: 0, stdout: names, stderr: '' });
  });

  test('require gives everything', async () => {
    expect(await run(node, ['require.cjs'])).toEqual({ code: 0, stdout: names, stderr: '' });
  });

  test('phanos/exposition writes families of others', async () => {
    const openMetrics = '# TYPE sold counter\n# HELP sold Sold.\nsold_total{kind="book"} 3\n# EOF\n';
    const text = '# HELP sold_total Sold.\n# TYPE sold_total counter\nsold_total{kind="book"} 3\n';
    const stdout = `${openMetrics}\n${text}\ntext,openmetrics,protobuf\n`;
    expect(await run(node, ['exposition.mjs'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  test.each(['serve.mjs', 'serve.cjs'])('%s loads the collector when it is needed, and ends by itself', async (program) => {
    const { code, stdout, stderr } = await run(node, ['--no-experimental-require-module', program]);
    expect(stdout).toBe('phanos_time_profiler_seconds_count{method="shop:sell",function="shop.sell",error_raised="false"} 3\n');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test.each(['rabbit.mjs', 'rabbit.cjs'])('%s runs without amqplib, says once how to install it, and ends by itself', async (program) => {
    const { code, stdout, stderr } = await run(node, ['--no-experimental-require-module', program]);
    const [told, ...rest] = stdout
      .trim()
      .split('\n')
      .filter((line) => !line.includes('measurement'));
    expect(told).toContain('RabbitMQ needs the package amqplib, which is not installed: npm install amqplib. Up to 100000 records wait');
    expect(rest).toEqual(['PACKAGE_MISSING', '2']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('import and require give one instance, of one format', async () => {
    expect(await run(node, ['both.mjs'])).toEqual({ code: 0, stdout: 'one instance\none format\n', stderr: '' });
  });

  test('where require can load no ES module, two formats still give one instance, without a warning', async () => {
    const result = await run(node, ['--no-experimental-require-module', 'both.mjs']);
    expect(result).toEqual({ code: 0, stdout: 'one instance\ntwo formats\n', stderr: '' });
  });

  test('installed twice, it is one instance, with one warning that names both', async () => {
    const { code, stdout, stderr } = await run(node, ['--no-experimental-require-module', 'twice.mjs']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'one true\n' });
    const warnings = stderr.split('\n').filter((line) => line.includes('[PHANOS_LOADED_TWICE]'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/PhanosWarning: phanos was loaded twice: /);
    expect(warnings[0]).toContain(`${version} in ${join(project, 'node_modules/phanos')} `);
    expect(warnings[0]).toContain(`0.9.9 in ${secondCopy} `);
  });

  test('loads no network module, and no file but the client’s own', async () => {
    const required = await run(node, ['--no-experimental-require-module', 'loaded.cjs']);
    const { builtin, files } = JSON.parse(required.stdout) as { builtin: string[]; files: string[] };
    expect(builtin.filter((name) => /\b(http|https|http2|_http\w*|net|tls|cluster|dgram|inspector)$/.test(name))).toEqual([]);
    expect(foreignFiles(files, 'cjs')).toEqual([]);
    expect(files).toContain(join(project, 'node_modules/phanos/dist/cjs/client.js'));

    const imported = await run(node, ['--import', './register.mjs', '--eval', "import('phanos')"]);
    const urls = imported.stdout.trim().split('\n');
    expect(urls).toContain(`file://${project}/node_modules/phanos/dist/esm/client.js`);
    expect(foreignFiles(urls, 'esm')).toEqual([]);
    expect(urls.filter((url) => /^node:(http|https|http2|net|tls|cluster|dgram)$/.test(url))).toEqual([]);
  });
});

test("works under Jest's require", { timeout: 60_000 }, async () => {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const { code, stderr } = await run(process.execPath, [jest, '--rootDir', project, '--no-cache', '--no-watchman'], {
    env: { CI: 'true' },
  });
  expect(stderr).toMatch(/Tests: +2 passed, 2 total/);
  expect(stderr).not.toContain('PhanosWarning');
  expect(code).toBe(0);
});

/** Paths and URLs that are neither the client's files, in that format, nor the program's own, nor built into Node.js. */
function foreignFiles(paths: readonly string[], format: string): string[] {
  const client = `/node_modules/phanos/dist/${format}/`;
  return paths.filter((path) => {
    const [, own] = path.split(client);
    if (own !== undefined) return /^(collector|exposition|amqp|web|cli|primary|rabbitmq)\b/.test(own);
    return !path.startsWith('node:') && (!path.includes(project) || path.includes('/node_modules/'));
  });
}
