import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { eventually } from './eventually.js';
import { Prometheus, promtoolCheckMetrics } from './prometheus.js';

const text = '# HELP phanos_answers_total Answers given.\n# TYPE phanos_answers_total counter\nphanos_answers_total{to="x"} 42\n';

// The first run on a machine may have to fetch Prometheus.
test('scrapes a target, answers queries, and ends', { timeout: 330_000 }, async () => {
  const target = createServer((_request, response) => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text));
  await once(target.listen(0, '127.0.0.1'), 'listening');
  const address = target.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const prometheus = await Prometheus.start([{ job_name: 'answers', static_configs: [{ targets: [`127.0.0.1:${port}`] }] }]);
  try {
    const samples = await eventually('the sample is scraped', async () => {
      const found = await prometheus.query('phanos_answers_total');
      return found.length > 0 && found;
    });
    expect(samples).toEqual([
      { metric: { __name__: 'phanos_answers_total', instance: `127.0.0.1:${port}`, job: 'answers', to: 'x' }, value: 42 },
    ]);
    expect(await prometheus.query('scalar(phanos_answers_total)')).toEqual([{ metric: {}, value: 42 }]);
    await expect(prometheus.query('(')).rejects.toThrow('Prometheus refuses (: ');
  } finally {
    await prometheus.stop();
    target.closeAllConnections();
    target.close();
  }
  await expect(fetch(`${prometheus.url}/-/ready`)).rejects.toThrow('fetch failed');
});

test('a configuration that Prometheus refuses is an error with its log', { timeout: 330_000 }, async () => {
  await expect(Prometheus.start([{ job: 'misspelt' }])).rejects.toThrow(/Prometheus did not start:\n(.*\n)*.*field job not found/);
});

test('promtool has nothing to say of good metrics, and something of bad ones', { timeout: 330_000 }, async () => {
  expect(await promtoolCheckMetrics(text)).toEqual([]);
  expect(await promtoolCheckMetrics('# TYPE a counter\na 1\n')).toEqual([
    'a counter metrics should have "_total" suffix',
    'a no help text',
  ]);
  expect(await promtoolCheckMetrics('a{ 1\n')).toHaveLength(1);
});
