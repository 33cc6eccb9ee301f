/** One line of /metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** The samples of a text in the Prometheus format whose names begin with `prefix`. */
export function readSamples(text: string, prefix: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith(prefix)) continue;
    const [, name = '', labelText = '', value = ''] = LINE.exec(line) ?? [];
    const labels: Record<string, string> = {};
    for (const [, label = '', escaped = ''] of labelText.matchAll(LABEL)) labels[label] = unescaped(escaped);
    samples.push({ name, labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) });
  }
  return samples;
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_all, letter: string) => (letter === 'n' ? '\n' : letter));
}

/** Producers that ended without saying so, as a collector tells on /-/metrics. */
export function reportedDeaths(text: string): number {
  const deaths = readSamples(text, 'phanos_collector_producer_deaths');
  return deaths.reduce((sum, { labels, value }) => (labels.cause === 'goodbye' ? sum : sum + value), 0);
}
