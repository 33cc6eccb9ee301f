/** A number as JSON can carry it: those that it has no form for are texts. */
export type PlainNumber = number | string;

export function plainNumber(value: number): PlainNumber {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

export function fromPlain(value: PlainNumber): number {
  return Number(value);
}

/** Numbers of a series. */
export function plainCells(cells: Float64Array, offset: number, count: number): PlainNumber[] {
  const plain: PlainNumber[] = [];
  for (let i = offset; i < offset + count; i++) plain.push(plainNumber(cells[i]!));
  return plain;
}
