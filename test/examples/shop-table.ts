/** One row of a table that the shop prints at its end. */
export interface PrintedRow {
  readonly path: string;
  /** Cells by title; those that hold nothing are left out. */
  readonly cells: Readonly<Record<string, string>>;
}

/** The rows of the table whose first column has this title. Cells are told apart by where their titles end. */
export function printedRows(output: string, title: string): PrintedRow[] {
  const lines = output.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`${title}  `));
  const head = lines[at];
  if (head === undefined) throw new Error(`there is no table '${title}' in:\n${output}`);
  const titles = [...head.slice(title.length).matchAll(/\S+/g)].map((match) => ({
    name: match[0],
    end: title.length + match.index + match[0].length,
  }));
  const end = lines.indexOf('', at);
  return lines.slice(at + 1, end).map((line) => {
    const cells: Record<string, string> = {};
    for (const match of line.matchAll(/(?<= {2}|^)\S+(?: \S+)*/g)) {
      const name = titles.find((each) => each.end === match.index + match[0].length)?.name;
      if (name !== undefined) cells[name] = match[0];
    }
    return { path: line.slice(0, line.indexOf(' ')), cells };
  });
}

/** `1,234` */
export function printedCount(text: string | undefined): number {
  return text === undefined ? 0 : Number(text.replaceAll(',', ''));
}

/** Seconds of `312 µs`, `1.24 ms`, `2.50 s`. */
export function printedSeconds(text: string | undefined): number {
  const [, number, unit = ''] = /^([\d.]+) (µs|ms|s)$/.exec(text ?? '') ?? [];
  const scale = { µs: 1e-6, ms: 1e-3, s: 1 }[unit];
  if (number === undefined || scale === undefined) throw new Error(`'${text}' is no duration`);
  return Number(number) * scale;
}
