import fc from 'fast-check';

/** Documents that are right but for something wrong in a place or two. */

/** Values that are wrong nearly everywhere. */
export const nonsense: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(
    null,
    true,
    false,
    '',
    'NaN',
    '+Inf',
    '-Inf',
    [],
    {},
    [[]],
    [null],
    -1,
    -0,
    0,
    0.5,
    1e300,
    2 ** 53,
    -(2 ** 53),
    4096,
    '__proto__',
  ),
  fc.integer(),
  fc.double(),
  fc.string({ unit: 'binary' }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** The way to a place of a JSON value: keys and indexes. */
export type Place = readonly (string | number)[];

/** What stands in a place instead. */
export type Change = readonly [place: Place, other: unknown];

/** Every place of a JSON value. */
export function placesOf(value: unknown, way: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [way];
  const below = Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...way, Array.isArray(value) ? Number(key) : key]));
  return way.length === 0 ? below : [way, ...below];
}

/** The document as JSON has it, with these changes; one may have taken away the way to the next. */
export function changedIn(document: unknown, changes: readonly Change[]): unknown {
  const spoiled = changes.reduce<unknown>((sofar, [place, other]) => {
    try {
      return changed(sofar, place, other);
    } catch {
      return sofar;
    }
  }, document);
  return JSON.parse(JSON.stringify(spoiled));
}

/** The value with something else in one place. */
function changed(value: unknown, [key, ...rest]: Place, other: unknown): unknown {
  if (key === undefined) return other;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[key] = changed(copy[key], rest, other);
  return copy;
}
