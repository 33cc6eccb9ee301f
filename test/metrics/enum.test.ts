import { Enum } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

const states = ['starting', 'running', 'stopped'] as const;

test('shows one sample a state, 1 for the current one; it begins in the first', async () => {
  const { profiler, records } = measured();
  const mode = new Enum({ name: 'mode', help: 'What it does.', states, profiler });
  const header = '# HELP mode What it does.\n# TYPE mode gauge\n';
  expect(mode.value()).toBe('starting');
  expect(await profiler.metrics()).toBe(`${header}mode{mode="starting"} 1\nmode{mode="running"} 0\nmode{mode="stopped"} 0\n`);
  mode.state('running');
  expect(mode.value()).toBe('running');
  expect(await profiler.metrics()).toBe(`${header}mode{mode="starting"} 0\nmode{mode="running"} 1\nmode{mode="stopped"} 0\n`);
  expect(await records()).toEqual([['mode', 'state', 'running', { error_raised: false }]]);
});

test('takes labels before and after the state, and by handle', async () => {
  const { profiler, samples, records } = measured({ errorRaisedLabel: false });
  const mode = new Enum({ name: 'mode', states, labelNames: ['unit'], profiler });
  mode.state('running', { unit: 'a' });
  mode.state({ unit: 'b' }, 'stopped');
  const handle = mode.labels({ unit: 'c' });
  expect([mode.value({ unit: 'c' }), mode.value({ unit: 'd' })]).toEqual(['starting', undefined]);
  handle.state('stopped');
  const current = Object.entries(await samples()).filter(([, value]) => value === 1);
  expect(current.map(([name]) => name)).toEqual([
    'mode{unit="a",mode="running"}',
    'mode{unit="b",mode="stopped"}',
    'mode{unit="c",mode="stopped"}',
  ]);
  expect((await records()).map(([, , state, labels]) => [state, labels])).toEqual([
    ['running', { unit: 'a' }],
    ['stopped', { unit: 'b' }],
    ['stopped', { unit: 'c' }],
  ]);
});

test.each([
  ['another state', 'paused', "'paused'"],
  ['null', null, 'null'],
  ['nothing', undefined, 'undefined'],
  ['a number', 1, '1'],
  ['a symbol', Symbol('running'), 'Symbol(running)'],
  ['a name that every object has', 'constructor', "'constructor'"],
])('refuses %s', async (_what, state, shown) => {
  const { profiler, records, troubles, logged } = measured();
  const mode = new Enum({ name: 'mode', states, profiler });
  mode.state('running');
  mode.labels({}).state(untyped(state));
  mode.state(untyped(state));
  expect(mode.value()).toBe('running');
  expect(await records()).toHaveLength(1);
  expect(troubles('state')).toEqual({ mode: 2 });
  expect(logged.map(({ message }) => message)).toEqual([
    `enum 'mode': unknown state ${shown}; known states: starting, running, stopped; nothing was recorded`,
  ]);
});

test('states are those of the beginning, whatever becomes of the array', async () => {
  const { profiler, samples, troubles } = measured();
  const mutable: string[] = ['on', 'off'];
  const mode = new Enum({ name: 'mode', states: mutable, profiler });
  mutable.push('broken');
  mode.state('broken');
  expect(troubles('state')).toEqual({ mode: 1 });
  expect(await samples()).toEqual({ 'mode{mode="on"}': 1, 'mode{mode="off"}': 0 });
});

test.each([
  ['no states', { states: [] }, "enum 'mode': states is empty; give at least one state"],
  ['no array', { states: 'on' }, "enum 'mode': states must be an array of texts, got 'on'"],
  ['none given', {}, "enum 'mode': states must be an array of texts, got undefined"],
  ['a state that is no text', { states: ['on', 1] }, "enum 'mode': states[1] must be a string, got 1"],
  ['a state twice', { states: ['on', 'off', 'on'] }, "enum 'mode': state 'on' is given twice"],
  ['a label like the enum', { states: ['on'], labelNames: ['mode'] }, "enum 'mode': a label can't be named like the enum itself"],
])('%s is a TypeError', (_what, options, message) => {
  const make = () => new Enum(untyped({ name: 'mode', profiler: null, ...options }));
  expect(make).toThrow(TypeError);
  expect(make).toThrow(message);
});
