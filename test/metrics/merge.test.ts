import { Counter, Enum, Gauge } from 'phanos';
import { expect, test } from 'vitest';
import { measured, untyped } from './measured.js';

const GAUGE_MODES = ['sum', 'min', 'max', 'avg', 'mostrecent', 'all'] as const;

test.each([...GAUGE_MODES, ...GAUGE_MODES.map((mode) => `live${mode}` as const)])(
  'a gauge may merge by %s, and a collector is told',
  (merge) => {
    const { profiler } = measured();
    expect(new Gauge({ name: 'queued', merge, profiler }).table.definition.schema.merge).toBe(merge);
  },
);

test.each(['state', 'count'] as const)('an enum may merge by %s, and a collector is told', (merge) => {
  const { profiler } = measured();
  expect(new Enum({ name: 'phase', states: ['on'], merge, profiler }).table.definition.schema.merge).toBe(merge);
});

test('gauges sum up who lives and enums show who changed last unless declared otherwise; what is added up has no mode', () => {
  const { profiler } = measured();
  expect(new Gauge({ name: 'queued', profiler }).table.definition.schema.merge).toBe('livesum');
  expect(new Enum({ name: 'phase', states: ['on'], profiler }).table.definition.schema.merge).toBe('state');
  expect(new Counter({ name: 'sold', profiler }).table.definition.schema).not.toHaveProperty('merge');
});

test('an unknown mode is refused with those that there are', () => {
  const { profiler } = measured();
  expect(() => new Gauge({ name: 'queued', merge: untyped('total'), profiler })).toThrow(
    "gauge 'queued': merge must be one of 'livesum', 'livemin', 'livemax', 'liveavg', 'livemostrecent', 'liveall', 'sum', 'min', 'max', 'avg', " +
      "'mostrecent', 'all', got 'total'",
  );
  expect(() => new Enum({ name: 'phase', states: ['on'], merge: untyped('sum'), profiler })).toThrow(
    "enum 'phase': merge must be one of 'state', 'count', got 'sum'",
  );
  expect(() => new Gauge({ name: 'queued', merge: untyped(null), profiler })).toThrow(TypeError);
  expect(profiler.getMetric('queued')).toBeUndefined();
});

test('a label must not be named like the one that a mode adds', () => {
  const { profiler } = measured();
  for (const merge of ['all', 'liveall'] as const) {
    expect(() => new Gauge({ name: 'queued', labelNames: ['worker'], merge, profiler })).toThrow(
      `gauge 'queued': the label 'worker' is the one that merge '${merge}' adds; choose another name for it, or another mode`,
    );
    expect(() => new Gauge({ name: 'queued', labels: { worker: 'a' }, merge, profiler })).toThrow(TypeError);
  }
  expect(new Gauge({ name: 'queued', labelNames: ['worker'], merge: 'max', profiler }).labelNames).toEqual(['worker']);
});

test('the same metric with another mode is another definition', () => {
  const { profiler } = measured();
  new Gauge({ name: 'queued', profiler });
  expect(() => new Gauge({ name: 'queued', merge: 'livesum', profiler })).not.toThrow();
  expect(() => new Gauge({ name: 'queued', merge: 'max', profiler })).toThrow(
    expect.objectContaining({ code: 'METRIC_CONFLICT', message: expect.stringContaining('other merge (livesum, now max)') as string }),
  );
});
