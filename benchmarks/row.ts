/** One line of the table: a figure of ours, what it is held against, and the budget. */
export interface Row {
  readonly what: string;
  readonly best: number;
  readonly unit: 'ns' | 'ms' | 'B' | 'MB' | 'records/s' | 'batches/s' | 'deltas/s';
  /** The floor or peer that was measured beside it. */
  readonly beside?: { readonly name: string; readonly best: number };
  readonly budget?: Budget;
}

export interface Budget {
  readonly kind:
    | 'timesFloor' // ours / floor, at most
    | 'timesFaster' // peer / ours, at least
    | 'overFloor' // ours - floor, at most
    | 'atMost'
    | 'atLeast';
  readonly limit: number;
}

/** The number that the budget limits; without one what stands beside is a peer, and this says how much better we are. */
export function measureOf({ best, beside, budget }: Row): number {
  switch (budget?.kind) {
    case 'atMost':
    case 'atLeast':
      return best;
    case 'overFloor':
      return best - (beside?.best ?? Number.NaN);
    case 'timesFloor':
      return best / (beside?.best ?? Number.NaN);
    default:
      return (beside?.best ?? Number.NaN) / best;
  }
}

/** Undefined without a budget. */
export function isWithin(row: Row): boolean | undefined {
  if (row.budget === undefined) return undefined;
  const { kind, limit } = row.budget;
  return kind === 'timesFaster' || kind === 'atLeast' ? measureOf(row) >= limit : measureOf(row) <= limit;
}

/** Ours and what it is compared with: `ratio` is always the one that reads naturally, floor as denominator, peer as numerator. */
export function tableText(rows: readonly Row[]): string {
  const lines = rows.map((row, at) => [
    row.what === rows[at - 1]?.what ? '  same' : row.what,
    figure(row.best, row.unit),
    row.beside === undefined ? '' : `${figure(row.beside.best, row.unit)}  ${row.beside.name}`,
    ratioText(row),
    budgetText(row),
    { true: 'yes', false: 'NO', undefined: '' }[String(isWithin(row))] ?? '',
  ]);
  const table = [['what', 'best', 'floor / peer', 'ratio', 'budget', 'within?'], ...lines];
  const widths = (table[0] as string[]).map((_, column) => Math.max(...table.map((line) => (line[column] as string).length)));
  const isRight = (column: number): boolean => column === 1 || column === 3 || column === 4;
  const text = table.map((line) =>
    line
      .map((cell, column) => (isRight(column) ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number)))
      .join('  ')
      .trimEnd(),
  );
  return [text[0], '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2)), ...text.slice(1)].join('\n');
}

function figure(value: number, unit: Row['unit']): string {
  if (unit.endsWith('/s')) return value < 10_000 ? `${Math.round(value)} ${unit}` : `${Math.round(value / 1000)}k ${unit}`;
  const digits = unit === 'ns' && value < 1000 ? 1 : unit === 'ns' || unit === 'B' ? 0 : 1;
  return `${value.toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))/g, ' ')} ${unit}`;
}

function ratioText(row: Row): string {
  const { beside, best, budget, unit } = row;
  if (beside === undefined) return '';
  if (budget?.kind === 'overFloor') return `${best >= beside.best ? '+' : ''}${figure(best - beside.best, unit)}`;
  if (budget?.kind === 'timesFloor') return `${(best / beside.best).toFixed(2)} x floor`;
  const times = beside.best / best;
  return `${times.toFixed(times < 10 ? 1 : 0)} x ${unit === 'B' || unit === 'MB' ? 'less' : 'faster'}`;
}

function budgetText({ budget, unit }: Row): string {
  if (budget === undefined) return '';
  const { kind, limit } = budget;
  switch (kind) {
    case 'timesFloor':
      return `<= ${limit} x`;
    case 'timesFaster':
      return `>= ${limit} x`;
    case 'overFloor':
      return `<= +${limit} ${unit}`;
    case 'atMost':
      return `<= ${limit} ${unit}`;
    case 'atLeast':
      return unit === 'records/s' || unit === 'deltas/s' ? `>= ${limit / 1000}k` : `>= ${limit} ${unit}`;
  }
}
