/** Units as users name them, and the base units that Prometheus wants to see. */

/** A unit on its way out: values are divided by `divisor` and carry `unit` in their name. */
export interface ExposedUnit {
  /** `seconds`, `bytes`, or empty if the user's unit has no base unit that we know. */
  readonly unit: string;
  readonly divisor: number;
}

const KNOWN_UNITS: Readonly<Record<string, ExposedUnit>> = {
  mS: { unit: 'seconds', divisor: 1000 },
  ms: { unit: 'seconds', divisor: 1000 },
  s: { unit: 'seconds', divisor: 1 },
  seconds: { unit: 'seconds', divisor: 1 },
  B: { unit: 'bytes', divisor: 1 },
  bytes: { unit: 'bytes', divisor: 1 },
};

const NO_UNIT: ExposedUnit = { unit: '', divisor: 1 };

/** Base unit and divisor for a user's unit; a unit that we don't know leaves name and values as they are. */
export function exposedUnit(units: string): ExposedUnit {
  return Object.hasOwn(KNOWN_UNITS, units) ? (KNOWN_UNITS[units] ?? NO_UNIT) : NO_UNIT;
}

/** Name with its unit; a name that ends in the unit is left alone. */
export function nameWithUnit(name: string, unit: string): string {
  return unit === '' || name === unit || name.endsWith(`_${unit}`) ? name : `${name}_${unit}`;
}
