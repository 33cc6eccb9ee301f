import type { RuleGroup } from './rule.js';

/** What is worth computing and telling of methods that phanos measures, and of phanos itself. */

/** Where alerts begin. */
export interface Thresholds {
  /**
   * Seconds within which 99 of 100 calls of a method are to be done.
   * @default 1
   */
  readonly slowSeconds: number;
  /**
   * Share of a method's calls that may throw, from 0 to 1.
   * @default 0.05
   */
  readonly errorShare: number;
  /**
   * Calls a second below which a method is too rarely called to say anything of it.
   * @default 0.01
   */
  readonly minCalls: number;
  /**
   * Seconds for which a method must be slow or fail before somebody is told.
   * @default 300
   */
  readonly holdSeconds: number;
}

export const DEFAULT_THRESHOLDS: Thresholds = { slowSeconds: 1, errorShare: 0.05, minCalls: 0.01, holdSeconds: 300 };

const TIME = 'phanos_time_profiler_seconds';

/** All rules, methods first. */
export function phanosRules(thresholds: Thresholds = DEFAULT_THRESHOLDS): RuleGroup[] {
  return [methodRules(), methodAlerts(thresholds), ownAlerts(), brokerAlerts()];
}

function methodRules(): RuleGroup {
  const rate = (part: string, labels: string, selector = ''): string => `sum by (${labels}) (rate(${TIME}_${part}${selector}[5m]))`;
  const by = 'job, function';
  const quantile = (q: number): string => `histogram_quantile(${q}, ${rate('bucket', `${by}, le`)})`;
  return {
    name: 'phanos-methods',
    rules: [
      { record: 'job_function:phanos_calls:rate5m', expr: rate('count', by) },
      { record: 'job_function:phanos_errors:rate5m', expr: rate('count', by, '{error_raised="true"}') },
      {
        record: 'job_function:phanos_errors:ratio_rate5m',
        expr: 'job_function:phanos_errors:rate5m / (job_function:phanos_calls:rate5m > 0)',
      },
      { record: 'job_function:phanos_seconds:mean5m', expr: `${rate('sum', by)}\n/ (${rate('count', by)} > 0)` },
      { record: 'job_function:phanos_seconds:p50_5m', expr: quantile(0.5) },
      { record: 'job_function:phanos_seconds:p99_5m', expr: quantile(0.99) },
    ],
  };
}

function methodAlerts({ slowSeconds, errorShare, minCalls, holdSeconds }: Thresholds): RuleGroup {
  const calledEnough = `job_function:phanos_calls:rate5m > ${minCalls}`;
  return {
    name: 'phanos-method-alerts',
    rules: [
      {
        alert: 'PhanosMethodSlow',
        expr: `job_function:phanos_seconds:p99_5m > ${slowSeconds}\nand ${calledEnough}`,
        for: `${holdSeconds}s`,
        severity: 'warning',
        summary: '{{ $labels.function }} of {{ $labels.job }} is slow: {{ $value | humanizeDuration }}',
        description: `For ${holdSeconds} s one call in a hundred took longer than ${slowSeconds} s. The label method of ${TIME} tells on which call paths.`,
      },
      {
        alert: 'PhanosMethodFails',
        expr: `job_function:phanos_errors:ratio_rate5m > ${errorShare}\nand ${calledEnough}`,
        for: `${holdSeconds}s`,
        severity: 'warning',
        summary: '{{ $value | humanizePercentage }} of the calls of {{ $labels.function }} of {{ $labels.job }} throw',
        description: `For ${holdSeconds} s more than ${errorShare * 100} % of the calls threw. The label method of ${TIME} tells on which call paths.`,
      },
    ],
  };
}

function ownAlerts(): RuleGroup {
  return {
    name: 'phanos-alerts',
    rules: [
      {
        alert: 'PhanosWorkerDied',
        expr: 'increase(phanos_collector_producer_deaths_total{cause=~"exit|silent"}[10m]) > 0',
        severity: 'warning',
        summary: 'Workers that report to {{ $labels.instance }} died or fell silent',
        description:
          'In the last ten minutes processes or threads ended without a goodbye (cause exit), or were silent for three heartbeats (cause silent). ' +
          'What they had not handed over is lost: one flush interval at most while the collector was reachable. /api/v1/producers names them.',
      },
      {
        alert: 'PhanosMeasurementsLost',
        expr: `${grew('phanos_collector_dropped_operations_total')}\nor delta(phanos_collector_lost_operations[15m]) > 0`,
        severity: 'critical',
        summary: 'Measurements were lost on the way to {{ $labels.instance }}',
        description:
          'Producers had to give up operations, or died with announced ones that never came. ' +
          'The reasons are in the logs of the producers and in phanos_collector_refused_rows_total.',
      },
      {
        alert: 'PhanosRowsRefused',
        expr: grew('phanos_collector_refused_rows_total'),
        severity: 'warning',
        summary: '{{ $labels.instance }} refuses rows of {{ $labels.family }}: {{ $labels.reason }}',
        description:
          'Somebody sends measurements that can not be applied; everything else goes on. The label reason says what is wrong with them.',
      },
      {
        alert: 'PhanosTooManySeries',
        expr: grew('phanos_collector_adjusted_rows_total{reason=~".*series_limit|label_value_limit|producer_limit"}'),
        severity: 'warning',
        summary: '{{ $labels.family }} has label sets beyond a limit at {{ $labels.instance }}: {{ $labels.reason }}',
        description:
          'New label sets are folded into one with the label phanos_overflow="true"; totals stay right. A label takes too many values, or too ' +
          'long ones: /api/v1/cardinality names it.',
      },
    ],
  };
}

/** Of collectors that take measurements from RabbitMQ; the others have none of these series. */
function brokerAlerts(): RuleGroup {
  return {
    name: 'phanos-rabbitmq-alerts',
    rules: [
      {
        alert: 'PhanosBrokerAway',
        expr: 'phanos_collector_amqp_connected == 0',
        for: '5m',
        severity: 'critical',
        summary: 'RabbitMQ delivers no {{ $labels.wire }} to {{ $labels.instance }}',
        description:
          'For five minutes the collector could not read from RabbitMQ; /-/ready tells why. Programs keep batches (v2) meanwhile, ' +
          'and drop the oldest records (v1) once their outbox is full.',
      },
      {
        alert: 'PhanosLagsBehind',
        expr: 'phanos_collector_amqp_waiting_messages > 10000',
        for: '5m',
        severity: 'warning',
        summary: '{{ $value }} messages wait in {{ $labels.queue }} for {{ $labels.instance }}',
        description:
          'For five minutes more came than the collector took. If its disk and processor are well, give some of its shards to another collector.',
      },
      {
        alert: 'PhanosDeadLetters',
        expr: grew('phanos_collector_amqp_messages_total{result="dead_lettered"}'),
        severity: 'warning',
        summary: '{{ $labels.instance }} puts {{ $labels.wire }} messages aside',
        description:
          'Messages came that make no sense. They are in the queue phanos.dead; their header x-phanos-reason says what is wrong with them.',
      },
      {
        alert: 'PhanosRecordsRefused',
        expr: grew('phanos_collector_refused_records_total{reason!="rule"}'),
        severity: 'warning',
        summary: '{{ $labels.instance }} refuses records of {{ $labels.of_job }}: {{ $labels.reason }}',
        description:
          'Somebody sends records that can not be applied, or a job sends batches and records, so that the records would count twice.',
      },
    ],
  };
}

/** True for a counter that grew within a quarter of an hour, also if it has come into being with its first value. */
function grew(selector: string): string {
  return `increase(${selector}[15m]) > 0\nor (${selector} > 0 unless ${selector} offset 15m)`;
}
