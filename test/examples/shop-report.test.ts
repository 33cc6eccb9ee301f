import { expect, test } from 'vitest';
import { AtRisk } from '../../examples/shop/at-risk.js';
import { Faults, faultOf } from '../../examples/shop/service/faults.js';
import { ROUTES, type Route } from '../../examples/shop/service/routes.js';
import { countAnswer, emptyTally, type Tally } from '../../examples/shop/tally.js';
import { readCalls, since } from '../../examples/shop/watch/calls.js';
import { type Run, report } from '../../examples/shop/watch/report.js';

/** /metrics after `good` calls of 2 ms that returned 100 bytes each, and `bad` ones that threw after 40 ms. */
function metricsOf(path: string, good: number, bad: number): string {
  const series = (failed: boolean): string => `method="${path}",function="x",error_raised="${failed}"`;
  const bucket = (failed: boolean, le: string, count: number): string =>
    `phanos_time_profiler_seconds_bucket{${series(failed)},le="${le}"} ${count}`;
  return [
    '# TYPE phanos_time_profiler_seconds histogram',
    bucket(false, '0.001', 0),
    bucket(false, '0.0025', good),
    bucket(false, '0.05', good),
    bucket(false, '+Inf', good),
    `phanos_time_profiler_seconds_sum{${series(false)}} ${good * 0.002}`,
    `phanos_time_profiler_seconds_count{${series(false)}} ${good}`,
    bucket(true, '0.001', 0),
    bucket(true, '0.0025', 0),
    bucket(true, '0.05', bad),
    bucket(true, '+Inf', bad),
    `phanos_time_profiler_seconds_sum{${series(true)}} ${bad * 0.04}`,
    `phanos_time_profiler_seconds_count{${series(true)}} ${bad}`,
    `phanos_response_size_bytes_sum{${series(false)}} ${good * 100}`,
    `phanos_response_size_bytes_count{${series(false)}} ${good}`,
    '',
  ].join('\n');
}

function tallyOf(route: Route, good: number, bad: number): Tally {
  const tally = emptyTally();
  tally[route].sent = good + bad;
  for (let i = 0; i < good; i++) countAnswer(tally[route], 200, 100);
  for (let i = 0; i < bad; i++) countAnswer(tally[route], 404, 7);
  return tally;
}

function runOf(run: Partial<Run>): Run {
  const asked = { load: emptyTally(), visitors: emptyTally(), atRisk: [] };
  return {
    seconds: 10,
    calls: new Map(),
    where: 'here',
    ...asked,
    late: 0,
    faults: [],
    refused: [],
    deaths: { workers: 0, reported: 0 },
    ...run,
  };
}

function textOf(run: Run): string[] {
  return report(run).lines.map(({ text }) => text);
}

test('series of one path that differ by their outcome are one, and what was added since is their difference', () => {
  const before = readCalls(metricsOf('Orders:place', 3, 1));
  const now = readCalls(metricsOf('Orders:place', 10, 2));
  expect(now.get('Orders:place')).toMatchObject({ count: 12, errors: 2, bytes: 1000 });
  expect(now.get('Orders:place')?.seconds).toBeCloseTo(0.1);
  const [added] = since(before, now);
  expect(added).toMatchObject({ path: 'Orders:place', count: 8, errors: 1, bytes: 700 });
  expect([...(added?.buckets ?? [])]).toEqual([
    [0.001, 0],
    [0.0025, 7],
    [0.05, 1],
    [Number.POSITIVE_INFINITY, 0],
  ]);
});

test('label values are read as they were before they were escaped', () => {
  const path = String.raw`Odd:a\\b\"c\nd`;
  expect([...readCalls(metricsOf(path, 1, 0)).keys()]).toEqual(['Odd:a\\b"c\nd']);
});

test('it agrees when load and visitors together sent and got what phanos counted', () => {
  const run = runOf({
    calls: readCalls(metricsOf('Catalogue:list', 5, 3)),
    load: tallyOf('GET /products', 4, 1),
    visitors: tallyOf('GET /products', 1, 2),
  });
  expect(report(run).agrees).toBe(true);
  expect(textOf(run).slice(-3)).toEqual([
    '    8  root calls counted by phanos  = 5 requests sent by the load process + 3 by visitors',
    '    3  of them with errors           = 3 answers of 400 and above',
    '500 B  returned by the others        = 500 B in the bodies of the other answers',
  ]);
  expect(textOf(run)).toContain('Catalogue:list            8      8       3  16.3 ms  2.20 ms  43.7 ms  48.7 ms');
  expect(textOf(run)).toContain('answers by status: 5 × 200, 3 × 404');
});

test.each([
  ['a call too many', 6, 3],
  ['an error too many', 4, 4],
])('%s is told', (_what, good, bad) => {
  const run = runOf({ calls: readCalls(metricsOf('Catalogue:list', good, bad)), load: tallyOf('GET /products', 5, 3) });
  expect(report(run).agrees).toBe(false);
  expect(textOf(run).slice(-2)).toEqual([
    `phanos counted ${good + bad} root calls, and 8 requests were sent; these routes differ:`,
    `Catalogue:list: ${good + bad} calls, ${bad} errors and ${good * 100} bytes by phanos; ` +
      '8 requests, 3 answers of 400 and above and 500 bytes in the others by those who asked GET /products',
  ]);
});

/** Five answers at a route, three of them of a worker that died, two requests without an answer, and what phanos counted of it all. */
function runWithDeath(good: number, bad: number): Run {
  const load = tallyOf('GET /products', 4, 1);
  load['GET /products'].sent += 2;
  load['GET /products'].lost += 2;
  const atRisk = [tallyOf('GET /products', 2, 1), emptyTally()];
  const calls = readCalls(metricsOf('Catalogue:list', good, bad));
  return runOf({ load, atRisk, calls, deaths: { workers: 1, reported: 1 } });
}

test('where a worker died, what it had answered last and what had no answer may be missing, and nothing else', () => {
  for (const [good, bad] of [
    [2, 0],
    [4, 1],
    [6, 1],
    [4, 3],
  ] as const)
    expect([good, bad, report(runWithDeath(good, bad)).agrees]).toEqual([good, bad, true]);
  for (const [good, bad] of [
    [1, 1],
    [2, 4],
    [7, 1],
    [0, 0],
  ] as const)
    expect([good, bad, report(runWithDeath(good, bad)).agrees]).toEqual([good, bad, false]);
});

test('with deaths it says what was lost and what may have been', () => {
  expect(textOf(runWithDeath(3, 0)).slice(-7)).toEqual([
    'workers that died: 1; deaths that phanos reports on /-/metrics: 1',
    '7  requests sent by the load process',
    '5  answered',
    '2  ended without an answer',
    '3  root calls counted by phanos',
    '4  sent, but not counted              at most 5: 2 without an answer + 3 answered in the last 0.75 s of 1 worker',
    'errors and bytes agree as well, route by route, within the same bound',
  ]);
  expect(textOf(runWithDeath(1, 1)).at(-1)).toBe(
    'Catalogue:list: 2 calls, 1 error and 100 bytes by phanos; 7 requests, 1 answer of 400 and above and 400 bytes in the others ' +
      'by those who asked GET /products; allowed for: 2 requests without an answer and 3 answers of killed workers',
  );
});

test('at risk are the answers of a dead process, from shortly before its death on', () => {
  const atRisk = new AtRisk();
  const answer = (pid: number, at: number, status = 200): void => atRisk.answered(pid, { route: 'GET /', status, bytes: 10 }, at);
  for (let at = 0; at < 20_000; at += 10) {
    answer(1, at);
    answer(2, at);
  }
  answer(1, 20_000, 500);
  atRisk.died(1, 20_000);
  // Every 10 ms from 19 260 to 19 990, and the one that failed.
  expect(atRisk.tally['GET /']).toEqual({ sent: 75, answers: { 200: 74, 500: 1 }, bytes: 740, lost: 0 });
  answer(1, 20_005);
  answer(2, 20_005);
  expect(atRisk.tally['GET /'].sent).toBe(76);
});

test('it tells what went wrong besides', () => {
  const load = emptyTally();
  load['GET /'].lost = 1;
  const fault = new RangeError('no such currency');
  fault.stack = 'RangeError: no such currency\n    at render (/home/ada/examples/shop/service/invoices.ts:41:12)\n    at x (y.ts:1:1)';
  const faults = new Faults();
  faults.add(faultOf(fault));
  faults.add(faultOf(fault));
  const refused = [1, 2].map((count) => ({ reason: 'labels', culprit: 'sold', count }));
  const run = runOf({ load, late: 12, faults, refused });
  expect(textOf(run)).toEqual(
    expect.arrayContaining([
      'unexpected, 2 ×: RangeError: no such currency at service/invoices.ts:41:12',
      'due but not sent, for every connection was waiting: 12 requests',
      'sent but not answered: 1 request',
      'phanos refused 3 measurements of sold: labels',
    ]),
  );
});

test('what can not be read is not compared, and it says where it is', () => {
  const load = tallyOf('GET /products', 4, 1);
  const run = runOf({ calls: undefined, where: 'the collectors behind amqp://broker', load, deaths: { workers: 2, reported: undefined } });
  expect(report(run)).toMatchObject({ agrees: true });
  expect(textOf(run)).toEqual([
    '10.0 s under load',
    '',
    'answers by status: 4 × 200, 1 × 404',
    '5 requests sent by the load process; what phanos has counted of them is at the collectors behind amqp://broker',
    'workers that died: 2',
  ]);
});

test('of many instances one is read', () => {
  const ours = metricsOf('Orders:place', 3, 0).replaceAll('{', '{job="shop",instance="ours",');
  const theirs = metricsOf('Orders:place', 4, 0).replaceAll('{', '{job="shop",instance="theirs",');
  expect(readCalls(ours + theirs, 'ours').get('Orders:place')).toMatchObject({ count: 3 });
});

test('every root method is in the table, also without a call', () => {
  for (const path of Object.values(ROUTES)) expect(textOf(runOf({})).some((line) => line.startsWith(`${path} `))).toBe(true);
});
