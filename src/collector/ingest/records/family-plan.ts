import type { RecordHead } from '../../../record/decoded-record.js';
import { RESPONSE_SIZE_FAMILY, SIZE_BUCKETS, TIME_BUCKETS, TIME_PROFILER_FAMILY } from '../../../record/default-families.js';
import { metricNameFault, reservedSuffix } from '../../../record/names.js';
import type { MetricKind } from '../../../record/recorded.js';
import { type ExposedUnit, exposedUnit, nameWithUnit } from '../../../record/unit.js';
import type { RecordRule } from './record-rule.js';

/** Which family a record belongs to, before its labels. */
export interface FamilyPlan extends ExposedUnit {
  /** Exposed name with its unit, without the suffix of its kind. */
  readonly name: string;
  readonly help: string;
  /** In the unit of the records; empty but for histograms. */
  readonly bounds: readonly number[];
  /** Whether the labels `method`, `function` and `error_raised` are added. */
  readonly callPath: boolean;
}

/** For units of which nothing is known: 1 and 5 of each power of ten from 0.001 on, to 1,000,000. */
const WIDE_BUCKETS: readonly number[] = [
  0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 50, 100, 500, 1000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000,
];

const NO_UNIT: ExposedUnit = { unit: '', divisor: 1 };

/** Characters of a family's name that come from units. */
const MAX_WORD = 64;

/** The family that the rules give a record, or that its kind and units name; undefined if it is to be left out. */
export function planFamily(head: RecordHead, rules: readonly RecordRule[]): FamilyPlan | undefined {
  const rule = rules.find((one) => fits(one, head));
  if (rule !== undefined) return rule.drop === true ? undefined : planByRule(head, rule);
  const known = defaultFamilyOf(head);
  const { unit, divisor } = unitOf(head);
  if (known !== undefined) return { ...known, name: nameWithUnit(known.name, unit), unit, divisor, callPath: true };
  return { name: nameOf(head), help: helpOf(head), bounds: boundsOf(head), unit, divisor, callPath: false };
}

/** Histograms in milliseconds or bytes are the default metrics. With labels of their own they are not: those have none. */
function defaultFamilyOf({ metric, units, labelNames }: RecordHead): typeof TIME_PROFILER_FAMILY | undefined {
  if (metric !== 'histogram' || labelNames.length > 0) return undefined;
  return [TIME_PROFILER_FAMILY, RESPONSE_SIZE_FAMILY].find((family) => family.units === units);
}

function fits({ kind, units, job, item, labels }: RecordRule, head: RecordHead): boolean {
  return (
    (kind === undefined || kind === head.metric) &&
    (units === undefined || units === head.units) &&
    (job === undefined || job === head.job) &&
    (item === undefined || item === head.item) &&
    (labels === undefined || (labels.length === head.labelNames.length && labels.every((name) => head.labelNames.includes(name))))
  );
}

function planByRule(head: RecordHead, { name = '', help, bounds, callPath = false }: RecordRule): FamilyPlan {
  const { unit, divisor } = unitOf(head);
  return {
    name: nameWithUnit(withoutSuffix(name, head.metric), unit),
    help: help ?? helpOf(head),
    bounds: head.metric === 'histogram' ? (bounds ?? boundsOf(head)) : [],
    unit,
    divisor,
    callPath,
  };
}

function unitOf({ metric, units }: RecordHead): ExposedUnit {
  return metric === 'info' || metric === 'enum' ? NO_UNIT : exposedUnit(units);
}

function boundsOf(head: RecordHead): readonly number[] {
  if (head.metric !== 'histogram') return [];
  const { unit, divisor } = unitOf(head);
  if (unit === 'seconds') return divisor === 1000 ? TIME_BUCKETS : TIME_BUCKETS.map((bound) => bound / 1000);
  return unit === 'bytes' ? SIZE_BUCKETS : WIDE_BUCKETS;
}

/** `phanos_<kind>_<units>`; kinds and units of different metrics can't clash that way. Infos get the suffix of their kind anyway. */
function nameOf(head: RecordHead): string {
  const { metric } = head;
  const { unit } = unitOf(head);
  const word = unit === '' ? wordOf(head.units) : unit;
  const base = metric === 'info' ? 'phanos' : `phanos_${metric}`;
  const name = word === '' || word === metric ? base : `${base}_${word}`;
  return reservedSuffix(name) === undefined ? name : `${name}_units`;
}

/** Units in the alphabet of metric names: `µs` becomes `us`, `req/s` becomes `req_s`. */
function wordOf(units: string): string {
  const letters = units
    .slice(0, MAX_WORD * 4)
    .replace(/[µμ]/g, 'u')
    .replace(/%/g, ' percent ');
  const word = letters.replace(/[^a-zA-Z0-9]+/g, '_').slice(0, MAX_WORD);
  return word.replace(/^_+|_+$/g, '');
}

function withoutSuffix(name: string, kind: MetricKind): string {
  const suffix = kind === 'counter' ? '_total' : kind === 'info' ? '_info' : '';
  const bare = suffix !== '' && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
  return metricNameFault(bare) === undefined ? bare : name;
}

function helpOf({ metric, units }: RecordHead): string {
  return `Records of kind ${metric} with the units '${units.slice(0, MAX_WORD)}'.`;
}
