/** What a scrape brought. */
export interface Scrape {
  readonly status: number;
  readonly milliseconds: number;
  readonly text: string;
}

/** Value of the sample with this name and these labels, written as on /metrics. */
export function sampleValue(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

/** `200 in 12 ms, jobs_total 1520`; what the answer says where it has no such sample. */
export function answerText({ status, milliseconds, text }: Scrape, series: string): string {
  const value = sampleValue(text, series);
  const content = value === undefined ? text.trim().split('\n')[0] || 'empty' : `${series} ${value}`;
  const time = milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
  return `${status} in ${time}, ${content}`;
}
