import type { Contender } from './contenders.js';
import type { Finding } from './scenarios.js';

/** A table in Markdown with a column for what is true and one for each library. @param findings of each contender, the same in each */
export function comparisonText(contenders: readonly Contender[], findings: readonly (readonly Finding[])[]): string {
  const head = ['what', 'the truth', ...contenders.map(({ name, version }) => `${name} ${version}`)];
  const rows = (findings[0] ?? []).map(({ what, truth }, i) => [what, truth, ...findings.map((each) => each[i]?.found ?? '')]);
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const [titles = [], ...body] = cells;
  return [line(titles), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...body.map(line)].join('\n');
}
