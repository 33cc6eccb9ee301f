import { Info } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

test('shows its facts as labels of a 1; there is nothing to show before', async () => {
  const { profiler, samples, records } = measured();
  const build = new Info({ name: 'build', help: 'What runs.', profiler });
  expect(build.value()).toBeUndefined();
  expect(await samples()).toEqual({});
  build.info({ version: '1.2.3', debug: false, port: 8080 });
  expect(build.value()).toEqual({ version: '1.2.3', debug: 'false', port: '8080' });
  expect(await profiler.metrics()).toBe(
    '# HELP build_info What runs.\n# TYPE build_info gauge\nbuild_info{version="1.2.3",debug="false",port="8080"} 1\n',
  );
  expect(await records()).toEqual([['build', 'info', { version: '1.2.3', debug: false, port: 8080 }, { error_raised: false }]]);
});

test('says something else instead', async () => {
  const { profiler, samples } = measured();
  const build = new Info({ name: 'build', profiler });
  build.info({ version: '1' });
  await samples();
  build.info({ commit: 'abc' });
  expect(await samples()).toEqual({ 'build_info{commit="abc"}': 1 });
  build.info({});
  expect(await samples()).toEqual({ build_info: 1 });
});

test('takes labels, and has handles', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const build = new Info({ name: 'build', labelNames: ['part'], profiler });
  build.info({ version: '1' }, { part: 'server' });
  const page = build.labels({ part: 'page' });
  page.info({ version: '2' });
  expect(build.value({ part: 'page' })).toEqual({ version: '2' });
  expect(await samples()).toEqual({ 'build_info{part="server",version="1"}': 1, 'build_info{part="page",version="2"}': 1 });
  expect(await records()).toEqual([
    ['build', 'info', { version: '1' }, { part: 'server' }],
    ['build', 'info', { version: '2' }, { part: 'page' }],
  ]);
});

test('later changes of the given object change nothing', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const build = new Info({ name: 'build', profiler });
  const facts = { version: '1' };
  build.info(facts);
  facts.version = '2';
  expect(await samples()).toEqual({ 'build_info{version="1"}': 1 });
  expect(await records()).toEqual([['build', 'info', { version: '1' }, {}]]);
});

test.each([
  ['a text', 'v1', "takes an object of names and texts, got 'v1'"],
  ['null', null, 'takes an object of names and texts, got null'],
  ['an array', ['v1'], 'takes an object of names and texts, got an array'],
  ['nothing', undefined, 'takes an object of names and texts, got undefined'],
  ['a fact that is an object', { version: {} }, "the fact 'version' is of type object; give a string, number or boolean"],
  ['a fact that is null', { version: null }, "the fact 'version' is of type object; give a string, number or boolean"],
  ['a fact named like a label', { part: 'x' }, "'part' can't name a fact; it is a label of the metric"],
  ['a fact named like a constant label', { shop: 'x' }, "'shop' can't name a fact; it is a label of the metric"],
  ['a reserved name', { le: '1' }, "'le' can't name a fact; le is written by phanos or Prometheus itself"],
  ['a name of Prometheus', { __name__: 'up' }, "'__name__' can't name a fact; names that start with __ are reserved for Prometheus"],
  [
    'a name that is none',
    { 'x"} 1\nup{job': '' },
    "'x\"} 1\nup{job' can't name a fact; use letters, digits and _, and do not start with a digit",
  ],
  ['a fact of 257 characters', { version: 'x'.repeat(257) }, "the fact 'version' has 257 characters, 256 are allowed"],
  [
    'too many facts',
    Object.fromEntries(Array.from({ length: 31 }, (_, i) => [`f${i}`, ''])),
    '31 facts are too many; facts and labels together can be 32 at most',
  ],
  [
    'facts that throw',
    {
      get version() {
        throw new Error('no version');
      },
    },
    "they can't be read: Error: no version",
  ],
])('refuses %s', async (_what, facts, message) => {
  const { profiler, samples, records, troubles, logged } = measured();
  const build = new Info({ name: 'build', labelNames: ['part'], labels: { shop: 'a' }, profiler });
  build.info({ version: '0' }, { part: 'p' });
  build.info(untyped(facts), { part: 'p' });
  build.labels({ part: 'p' }).info(untyped(facts));
  expect(await samples()).toEqual({ 'build_info{part="p",shop="a",version="0"}': 1 });
  expect(await records()).toHaveLength(1);
  expect(troubles('value')).toEqual({ build: 2 });
  expect(logged.map((report) => report.message)).toEqual([`info 'build': ${message}; nothing was recorded`]);
});

test('30 facts beside two labels are not too many, and their names may be those of every object', async () => {
  const { profiler, lines } = measured();
  const build = new Info({ name: 'build', labelNames: ['part'], labels: { shop: 'a' }, profiler });
  const names = ['constructor', 'toString', 'hasOwnProperty', ...Array.from({ length: 27 }, (_, i) => `f${i}`)];
  build.info(Object.fromEntries(names.map((name) => [name, `${name}!`])), { part: 'p' });
  expect(await lines()).toEqual([`build_info{part="p",shop="a",${names.map((name) => `${name}="${name}!"`).join(',')}} 1`]);
});
