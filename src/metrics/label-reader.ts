import { shown, shownError } from './refusal.js';

/** Label values as a caller gives them. */
export type LabelInput = Readonly<Record<string, unknown>>;

/** Why labels can't be used. */
export interface UnfitLabels {
  readonly reason: 'labels' | 'label_value' | 'label_too_long';
  readonly message: string;
}

/** What the labels of a metric have to be. */
export interface LabelNeeds {
  /** All of them, and no others. */
  readonly names: readonly string[];
  /** Characters of a value. */
  readonly maxLength: number;
  /** Whether `error_raised` may stand beside them: Python's records carry it, and overwrite a given one; so do ours. */
  readonly allowsErrorRaised: boolean;
}

/** Reads labels into `values`, in the order of the names. Never throws; returns what is wrong with them. If only a value is too long, all are read. */
export function readLabels(labels: LabelInput | undefined, needs: LabelNeeds, values: string[]): UnfitLabels | undefined {
  try {
    return readEach(labels, needs, values);
  } catch (error) {
    return { reason: 'labels', message: `the labels can't be read: ${shownError(error)}` };
  }
}

function readEach(labels: LabelInput | undefined, needs: LabelNeeds, values: string[]): UnfitLabels | undefined {
  const { names, maxLength } = needs;
  if (labels === undefined && names.length === 0) return undefined;
  if (typeof labels !== 'object' || labels === null) return wrongNames(labels, names);
  let long: UnfitLabels | undefined;
  for (const name of names) {
    const given = labels[name];
    let value: string;
    if (typeof given === 'string') value = given;
    else if (typeof given === 'number' || typeof given === 'boolean' || typeof given === 'bigint') value = String(given);
    else return Object.hasOwn(labels, name) ? wrongValue(name, given) : wrongNames(labels, names);
    values.push(value);
    if (value.length > maxLength) long ??= longValue(name, value, maxLength);
  }
  let given = 0;
  for (const _ in labels) given++;
  const isMore = given !== names.length && !Object.keys(labels).every((name) => isAllowed(name, needs));
  return isMore ? wrongNames(labels, names) : long;
}

function isAllowed(name: string, { names, allowsErrorRaised }: LabelNeeds): boolean {
  return names.includes(name) || (allowsErrorRaised && name === 'error_raised');
}

function longValue(name: string, { length }: string, maxLength: number): UnfitLabels {
  return { reason: 'label_too_long', message: `the value of label '${name}' has ${length} characters, ${maxLength} are allowed` };
}

function wrongValue(name: string, value: unknown): UnfitLabels {
  const type = Array.isArray(value) ? 'an array' : value === null ? 'null' : `of type ${typeof value}`;
  return { reason: 'label_value', message: `the value of label '${name}' is ${type}; give a string, number or boolean` };
}

function wrongNames(labels: unknown, names: readonly string[]): UnfitLabels {
  const expected = names.join(', ') || 'none';
  const isObject = typeof labels === 'object' && labels !== null;
  const given = labels === undefined ? 'none' : isObject ? Object.keys(labels).join(', ') || 'none' : shown(labels);
  return { reason: 'labels', message: `expected labels: ${expected}; given: ${given}` };
}
