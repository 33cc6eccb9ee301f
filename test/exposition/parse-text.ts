/** A strict reader of text 0.0.4: whatever phanos writes goes through it, so that tests judge what a scraper would see. */

export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP_LINE = new RegExp(`^# HELP (${NAME}) (.*)$`, 's');
const TYPE_LINE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE_LINE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`, 's');
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|$)/;
/** What Go's strconv.ParseFloat takes, as far as a well-behaved writer uses it. */
const NUMBER = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/;
const PARTS: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] };

/** Families in their order. Throws at the first line that breaks a rule, with that line. */
export function parseText(text: string): ParsedFamily[] {
  if (text === '') return [];
  if (!text.endsWith('\n')) throw new Error('the text does not end with a line end');
  const families: { name: string; type: string; help: string; samples: ParsedSample[] }[] = [];
  const lines = text.slice(0, -1).split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const help = HELP_LINE.exec(line);
    if (help !== null) {
      const type = TYPE_LINE.exec(lines[++i] ?? '');
      const name = help[1]!;
      if (type?.[1] !== name) throw new Error(`no TYPE of ${name} after its HELP: ${lines[i]}`);
      if (families.some((family) => family.name === name)) throw new Error(`second block of ${name}`);
      families.push({ name, type: type[2]!, help: unescaped(help[2]!, { n: '\n', '\\': '\\' }, line), samples: [] });
      continue;
    }
    const family = families.at(-1);
    if (family === undefined) throw new Error(`sample before any family: ${line}`);
    family.samples.push(parseSample(line, family));
  }
  for (const family of families) checkFamily(family);
  return families;
}

/** Label set as one text, in which order and empty values play no part, as with Prometheus. */
export function labelKey(labels: Readonly<Record<string, string>>): string {
  const entries = Object.entries(labels).filter(([, value]) => value !== '');
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parseSample(line: string, family: ParsedFamily): ParsedSample {
  const match = SAMPLE_LINE.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name, labels = '', value] = match as unknown as [string, string, string | undefined, string];
  if (!(PARTS[family.type] ?? ['']).some((suffix) => name === family.name + suffix)) throw new Error(`sample of another family: ${line}`);
  if (!NUMBER.test(value)) throw new Error(`no number: ${line}`);
  return { name, labels: parseLabels(labels, line), value: toNumber(value) };
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  let rest = text;
  while (rest !== '') {
    const match = LABEL.exec(rest);
    if (match === null || (match[3] === ',' && match[0].length === rest.length)) throw new Error(`bad labels: ${line}`);
    const [whole, name, value] = match as unknown as [string, string, string];
    if (Object.hasOwn(labels, name)) throw new Error(`label ${name} twice: ${line}`);
    Object.defineProperty(labels, name, { value: unescaped(value, { n: '\n', '\\': '\\', '"': '"' }, line), enumerable: true });
    rest = rest.slice(whole.length);
  }
  return labels;
}

function unescaped(text: string, escapes: Readonly<Record<string, string>>, line: string): string {
  return text.replace(/\\(.|$)/gs, (_whole, character: string) => {
    const meaning = escapes[character];
    if (meaning === undefined) throw new Error(`unknown escape \\${character}: ${line}`);
    return meaning;
  });
}

function toNumber(text: string): number {
  return text.endsWith('Inf') ? Number(text.replace('Inf', 'Infinity')) : Number(text);
}

function checkFamily({ name, type, samples }: ParsedFamily): void {
  const seen = new Set<string>();
  for (const sample of samples) {
    const key = sample.name + labelKey(sample.labels);
    if (seen.has(key)) throw new Error(`series twice: ${key}`);
    seen.add(key);
    if (type === 'counter' && sample.value < 0) throw new Error(`negative counter: ${key}`);
  }
  if (type !== 'histogram') return;
  const sets = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const key = labelKey({ ...sample.labels, le: '' });
    sets.set(key, [...(sets.get(key) ?? []), sample]);
  }
  for (const [key, parts] of sets) checkHistogram(`${name}${key}`, parts);
}

function checkHistogram(what: string, parts: readonly ParsedSample[]): void {
  const buckets = parts.filter((part) => part.labels.le !== undefined);
  const bounds = buckets.map(({ labels }) => toNumber(labels.le!));
  if (bounds.some((bound, i) => !(i === 0 || bound > bounds[i - 1]!))) throw new Error(`bounds of ${what} do not ascend`);
  if (buckets.some(({ value }, i) => i > 0 && value < buckets[i - 1]!.value)) throw new Error(`counts of ${what} fall`);
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`${what} lacks +Inf`);
  const count = parts.find((part) => part.name.endsWith('_count') && part.labels.le === undefined)?.value;
  if (count !== buckets.at(-1)?.value) throw new Error(`count of ${what} is not that of +Inf`);
}
