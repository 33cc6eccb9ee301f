import { misuse } from '../diagnostics/misuse.js';
import { expectBoolean, expectString, invalidOption } from '../diagnostics/options.js';
import { PhanosError } from '../diagnostics/phanos-error.js';
import type { EnumMerge, FamilySchema, GaugeMerge, SketchSchema } from '../record/batch.js';
import { labelNameFault, metricNameFault, reservedSuffix } from '../record/names.js';
import type { MetricKind } from '../record/recorded.js';
import { exposedUnit, nameWithUnit } from '../record/unit.js';
import type { SlidingWindow } from '../sketch/sliding-sketch.js';
import { checkedMerge } from './merge-mode.js';

/** Labels that a metric takes from the running call instead of from its caller. */
export type ContextLabel = 'method' | 'function' | 'error_raised';

/** What a metric is, checked once and the same for every handle on it. */
export interface MetricDefinition {
  /** As the user gave it; records and messages carry this one. */
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  /** As the user gave it. */
  readonly units: string;
  readonly job: string | undefined;
  /** Labels that each call must give, in declared order. */
  readonly labelNames: readonly string[];
  readonly constantLabels: readonly (readonly [name: string, value: string])[];
  readonly contextLabels: readonly ContextLabel[];
  /** Whether operations get the running span as exemplar. */
  readonly exemplars: boolean;
  readonly schema: FamilySchema;
}

/** Raw parts of a definition, from the options of the metric classes. */
export interface DefinitionParts {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string | undefined;
  readonly units: string;
  readonly job: string | undefined;
  readonly labelNames: readonly string[];
  readonly constants: Readonly<Record<string, string>>;
  readonly contextLabels: readonly ContextLabel[];
  /** Exposed name where it differs from `name`. */
  readonly exposedName?: string | undefined;
  readonly bounds?: readonly number[];
  readonly states?: readonly string[];
  readonly merge?: GaugeMerge | EnumMerge | undefined;
  readonly sketch?: SketchSchema | undefined;
  readonly quantiles?: readonly number[] | undefined;
  readonly window?: SlidingWindow | undefined;
  readonly exemplars?: boolean | undefined;
}

/** Labels that a series may have. */
export const MAX_LABELS = 32;
const SUFFIX_OF_KIND: Readonly<Partial<Record<MetricKind, string>>> = { counter: '_total', info: '_info' };

/** Checks the parts and derives what the collector must know. Throws a TypeError that names the metric, the culprit and the remedy. */
export function defineMetric(parts: DefinitionParts): MetricDefinition {
  const { name, kind, labelNames, constants, contextLabels } = parts;
  expectString(kind, 'name', name);
  const where = `${kind} '${name}'`;
  const fault = metricNameFault(name, kind);
  if (fault !== undefined) throw misuse('OPTION_INVALID', `${where}: invalid metric name; ${fault}`);
  checkTypes(where, parts);
  const { unit, divisor } = kind === 'info' || kind === 'enum' ? { unit: '', divisor: 1 } : exposedUnit(parts.units);
  const familyName = nameWithUnit(withoutSuffix(parts.exposedName ?? name, kind), unit);
  // Names that phanos gives by itself may be those that dashboards know.
  const suffix = parts.exposedName === undefined ? reservedSuffix(familyName) : undefined;
  if (suffix !== undefined) {
    throw misuse(
      'OPTION_INVALID',
      `${where}: names that end in ${suffix} clash with samples that Prometheus derives; choose another ending`,
    );
  }
  if (metricNameFault(familyName) !== undefined) {
    throw misuse('OPTION_INVALID', `${where}: the name is nothing but the ending that phanos adds by itself; put a word in front of it`);
  }
  checkLabelNames(parts, familyName);
  const allLabels = [...labelNames, ...contextLabels, ...Object.keys(constants)];
  const { sketch, quantiles, window } = parts;
  const merge = checkedMerge(where, kind, parts.merge, allLabels);
  return {
    name,
    kind,
    help: parts.help ?? helpFromName(name),
    units: parts.units,
    job: parts.job,
    labelNames: [...labelNames],
    constantLabels: Object.entries(constants),
    contextLabels: [...contextLabels],
    exemplars: expectBoolean(where, 'exemplars', parts.exemplars ?? false),
    schema: {
      name: familyName,
      help: parts.help ?? helpFromName(name),
      unit,
      divisor,
      labelNames: allLabels,
      bounds: parts.bounds ?? [],
      states: [...(parts.states ?? [])],
      ...(merge === undefined ? {} : { merge }),
      ...(sketch === undefined ? {} : { sketch }),
      ...(quantiles === undefined ? {} : { quantiles }),
      ...(window === undefined ? {} : { window }),
    },
  };
}

/** Throws METRIC_CONFLICT unless both definitions say the same; help may differ. */
export function checkSameDefinition(known: MetricDefinition, other: MetricDefinition): void {
  const difference = differingPart(known, other);
  if (difference === undefined) return;
  throw new PhanosError(
    'METRIC_CONFLICT',
    `metric '${known.name}' exists with other ${difference}; use another name, the same definition, or delete the first one with profiler.deleteMetric('${known.name}')`,
  );
}

function differingPart(known: MetricDefinition, other: MetricDefinition): string | undefined {
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  if (known.kind !== other.kind) return `kind (${known.kind}, now ${other.kind})`;
  if (known.units !== other.units) return `units (${known.units}, now ${other.units})`;
  if (!same(known.labelNames, other.labelNames)) return `labels (${known.labelNames.join(', ')}; now ${other.labelNames.join(', ')})`;
  if (!same(known.constantLabels, other.constantLabels)) return 'constant labels';
  if (!same(known.schema.bounds, other.schema.bounds)) return 'buckets';
  if (!same(known.schema.states, other.schema.states)) return 'states';
  if (!same(known.schema.sketch, other.schema.sketch)) return known.kind === 'histogram' ? 'native buckets' : 'quantiles';
  if (!same(known.schema.quantiles, other.schema.quantiles)) return 'quantiles';
  if (!same(known.schema.window, other.schema.window)) return 'window';
  if (known.exemplars !== other.exemplars) return `exemplars (${known.exemplars}, now ${other.exemplars})`;
  if (known.schema.merge !== other.schema.merge) return `merge (${known.schema.merge}, now ${other.schema.merge})`;
  if (!same(known.contextLabels, other.contextLabels)) return 'call path labels';
  return known.job === other.job ? undefined : 'job';
}

function checkTypes(where: string, { help, units, job, labelNames, constants }: DefinitionParts): void {
  if (help !== undefined) expectString(where, 'help', help);
  expectString(where, 'units', units);
  if (job !== undefined) expectString(where, 'job', job);
  // A text would pass for a list of its letters.
  if (!Array.isArray(labelNames)) throw invalidOption(where, 'labelNames', 'an array of names', labelNames);
  if (typeof constants !== 'object' || constants === null || Array.isArray(constants)) {
    throw invalidOption(where, 'labels', 'an object of label names and texts', constants);
  }
  for (const [label, value] of Object.entries(constants)) expectString(where, `labels.${label}`, value);
}

function checkLabelNames(parts: DefinitionParts, familyName: string): void {
  const { name, kind, constants, contextLabels } = parts;
  const own = [...parts.labelNames, ...Object.keys(constants)];
  const seen = new Set<string>(contextLabels);
  for (const label of own) {
    const fault = typeof label === 'string' ? labelNameFault(label) : 'label names are strings';
    if (fault !== undefined) throw misuse('OPTION_INVALID', `${kind} '${name}': invalid label name '${String(label)}'; ${fault}`);
    if (seen.has(label)) throw misuse('OPTION_INVALID', `${kind} '${name}': label '${label}' is declared twice`);
    if (kind === 'enum' && label === familyName) {
      throw misuse('OPTION_INVALID', `enum '${name}': a label can't be named like the enum itself, that label carries the state`);
    }
    seen.add(label);
  }
  if (seen.size > MAX_LABELS) {
    throw misuse('OPTION_INVALID', `${kind} '${name}': ${seen.size} labels are too many; give ${MAX_LABELS} at most`);
  }
}

function withoutSuffix(name: string, kind: MetricKind): string {
  const suffix = SUFFIX_OF_KIND[kind];
  return suffix !== undefined && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** A sentence for `# HELP`, as Prometheus wants one: `shop_items_sold` becomes `Shop items sold.` */
function helpFromName(name: string): string {
  const words = name.replace(/[_:]+/g, ' ').trim();
  return words === '' ? name : `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
