import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ruleFileText } from '../../../src/cli/prometheus/rule.js';
import { phanosRules } from '../../../src/cli/prometheus/rules.js';
import { scrapeConfigText } from '../../../src/cli/prometheus/scrape-config.js';
import { newFolder } from '../../support/project.js';
import { prometheusProgram } from '../../support/prometheus-programs.js';
import { outputOf, runProgram } from '../../support/run-program.js';

/** The judge is promtool: it parses what we generate, and evaluates the rules over series that a test writes down. */

let promtool: string;
let folder: string;

beforeAll(async () => {
  promtool = await prometheusProgram('promtool');
  folder = await newFolder();
  await writeFile(join(folder, 'phanos-rules.yml'), ruleFileText(phanosRules()));
}, 330_000);

const calls = (more: string): string =>
  `phanos_time_profiler_seconds_count{job="shop",method="Orders:place",function="Orders.place",${more}}`;
const bucket = (le: string): string =>
  `phanos_time_profiler_seconds_bucket{job="shop",method="Orders:place",function="Orders.place",error_raised="false",le="${le}"}`;
const own = (name: string, labels = ''): string => `phanos_collector_${name}{instance="here:9464"${labels}}`;

interface Told {
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

interface Case {
  readonly title: string;
  /** Series by selector; promtool's notation of their values, one a minute. */
  readonly series: Readonly<Record<string, string>>;
  /** Minute at which is asked. */
  readonly at: number;
  /** What each alert says, by its name: labels and summary of every firing one. */
  readonly fires: Readonly<Record<string, readonly Told[]>>;
}

const METHOD = { job: 'shop', function: 'Orders.place' };
const HERE = { instance: 'here:9464' };

const cases: readonly Case[] = [
  {
    title: 'a method that became slow, not before five minutes',
    series: {
      [bucket('1')]: '0+60x20 1200x20',
      [bucket('2.5')]: '0+60x20 1260+60x20',
      [bucket('+Inf')]: '0+60x20 1260+60x20',
      [calls('error_raised="false"')]: '0+60x41',
    },
    at: 35,
    fires: { PhanosMethodSlow: [{ labels: METHOD, summary: 'Orders.place of shop is slow: 2.485s' }], PhanosMethodFails: [] },
  },
  {
    title: 'a fast method is no alert',
    series: {
      [bucket('0.1')]: '0+60x40',
      [bucket('1')]: '0+60x40',
      [bucket('+Inf')]: '0+60x40',
      [calls('error_raised="false"')]: '0+60x40',
    },
    at: 35,
    fires: { PhanosMethodSlow: [], PhanosMethodFails: [] },
  },
  {
    title: 'one call in ten throws',
    series: { [calls('error_raised="false"')]: '0+90x40', [calls('error_raised="true"')]: '0+10x40' },
    at: 20,
    fires: { PhanosMethodFails: [{ labels: METHOD, summary: '10% of the calls of Orders.place of shop throw' }] },
  },
  {
    title: 'one call in fifty throws',
    series: { [calls('error_raised="false"')]: '0+98x40', [calls('error_raised="true"')]: '0+2x40' },
    at: 20,
    fires: { PhanosMethodFails: [] },
  },
  {
    title: 'a worker was killed',
    series: { [own('producer_deaths_total', ',cause="exit"')]: '0x10 1x30', [own('producer_deaths_total', ',cause="goodbye"')]: '0+1x40' },
    at: 12,
    fires: { PhanosWorkerDied: [{ labels: { ...HERE, cause: 'exit' }, summary: 'Workers that report to here:9464 died or fell silent' }] },
  },
  {
    title: 'a worker fell silent, and that was a quarter of an hour ago',
    series: { [own('producer_deaths_total', ',cause="silent"')]: '0x10 1x30' },
    at: 30,
    fires: { PhanosWorkerDied: [] },
  },
  {
    title: 'operations were dropped, and dead producers took some along',
    series: { [own('dropped_operations_total')]: '0x10 5x30', [own('lost_operations')]: '0x10 7x30' },
    at: 12,
    fires: { PhanosMeasurementsLost: [{ labels: HERE, summary: 'Measurements were lost on the way to here:9464' }] },
  },
  {
    title: 'nothing was lost',
    series: { [own('dropped_operations_total')]: '5x40', [own('lost_operations')]: '7x40' },
    at: 30,
    fires: { PhanosMeasurementsLost: [] },
  },
  {
    title: 'a counter of refusals that comes into being with its first one',
    series: { [own('refused_rows_total', ',family="orders",reason="kind_conflict"')]: '_x20 3x20' },
    at: 22,
    fires: {
      PhanosRowsRefused: [
        { labels: { ...HERE, family: 'orders', reason: 'kind_conflict' }, summary: 'here:9464 refuses rows of orders: kind_conflict' },
      ],
    },
  },
  {
    title: 'label sets were folded',
    series: {
      [own('adjusted_rows_total', ',family="orders",reason="series_limit"')]: '0x5 9x30',
      [own('adjusted_rows_total', ',family="items",reason="producer_limit"')]: '_x4 3x30',
      [own('adjusted_rows_total', ',family="orders",reason="bounds_differ"')]: '0+9x30',
    },
    at: 7,
    fires: {
      PhanosTooManySeries: [
        {
          labels: { ...HERE, family: 'items', reason: 'producer_limit' },
          summary: 'items has label sets beyond a limit at here:9464: producer_limit',
        },
        {
          labels: { ...HERE, family: 'orders', reason: 'series_limit' },
          summary: 'orders has label sets beyond a limit at here:9464: series_limit',
        },
      ],
    },
  },
  {
    title: 'a broker that is away for six minutes, and one that was for four',
    series: { [own('amqp_connected', ',wire="v1"')]: '1x4 0x20', [own('amqp_connected', ',wire="v2"')]: '1x6 0x4 1x20' },
    at: 11,
    fires: { PhanosBrokerAway: [{ labels: { ...HERE, wire: 'v1' }, summary: 'RabbitMQ delivers no v1 to here:9464' }] },
  },
  {
    title: 'a queue that grows, and one that is emptied',
    series: {
      [own('amqp_waiting_messages', ',wire="v2",queue="phanos.v2.s07"')]: '0+3000x20',
      [own('amqp_waiting_messages', ',wire="v2",queue="phanos.v2.s08"')]: '20000 9000x20',
    },
    at: 10,
    fires: {
      PhanosLagsBehind: [
        { labels: { ...HERE, wire: 'v2', queue: 'phanos.v2.s07' }, summary: '30000 messages wait in phanos.v2.s07 for here:9464' },
      ],
    },
  },
  {
    title: 'poison, and records that a rule leaves out',
    series: {
      [own('amqp_messages_total', ',wire="v1",result="dead_lettered"')]: '0x5 1x30',
      [own('amqp_messages_total', ',wire="v1",result="stored"')]: '0+9x35',
      [own('refused_records_total', ',of_job="py",reason="rule"')]: '0+9x35',
      [own('refused_records_total', ',of_job="py",reason="job_sends_batches"')]: '_x4 2x30',
    },
    at: 7,
    fires: {
      PhanosDeadLetters: [{ labels: { ...HERE, wire: 'v1', result: 'dead_lettered' }, summary: 'here:9464 puts v1 messages aside' }],
      PhanosRecordsRefused: [
        { labels: { ...HERE, of_job: 'py', reason: 'job_sends_batches' }, summary: 'here:9464 refuses records of py: job_sends_batches' },
      ],
    },
  },
];

test('promtool finds nothing wrong with the rules and the configuration', async () => {
  await writeFile(
    join(folder, 'prometheus.yml'),
    scrapeConfigText({ targets: ['127.0.0.1:9464', '[::1]:9465'], interval: 15 }, 'phanos-rules.yml'),
  );
  const rules = await outputOf(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', join(folder, 'phanos-rules.yml')], {});
  expect(rules).toContain('SUCCESS: 16 rules found');
  expect(await outputOf(promtool, ['check', 'config', join(folder, 'prometheus.yml')], {})).toContain('SUCCESS');
});

test.each(cases)('$title', async ({ title, series, at, fires }) => {
  const file = join(folder, `${title.replaceAll(/\W+/g, '-')}.json`);
  const alerts = phanosRules().flatMap((group) => group.rules.filter((rule) => 'alert' in rule));
  const alert_rule_test = Object.entries(fires).map(([alertname, told]) => {
    const { severity, description } = alerts.find(({ alert }) => alert === alertname)!;
    const exp_alerts = told.map(({ labels, summary }) => ({
      exp_labels: { ...labels, severity },
      exp_annotations: { summary, description },
    }));
    return { eval_time: `${at}m`, alertname, exp_alerts };
  });
  const input_series = Object.entries(series).map(([selector, values]) => ({ series: selector, values }));
  await writeFile(
    file,
    JSON.stringify({
      rule_files: ['phanos-rules.yml'],
      evaluation_interval: '1m',
      tests: [{ interval: '1m', input_series, alert_rule_test }],
    }),
  );
  const { code, stdout, stderr } = await runProgram(promtool, ['test', 'rules', file], { cwd: folder });
  expect({ code, told: code === 0 ? '' : `${stdout}${stderr}` }).toEqual({ code: 0, told: '' });
});
