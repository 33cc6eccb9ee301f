/** What an exemplar may look like, wherever it comes from: a scrape must hold it. */

/** Characters that names and values of its labels have together, at most: OpenMetrics takes no more. */
export const EXEMPLAR_CHARACTERS = 128;

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
/** The last moment that JavaScript has a date for. */
const LAST_MOMENT = 8.64e15;

/** Names and values that an exemplar can have, or why it can't: `labels` for names or values that Prometheus does not understand, `length` for too many characters. */
export function exemplarFault(labels: readonly (readonly [name: string, value: string])[]): 'labels' | 'length' | undefined {
  let characters = 0;
  for (let i = 0; i < labels.length; i++) {
    const [name, value] = labels[i]!;
    if (typeof name !== 'string' || typeof value !== 'string' || !LABEL_NAME.test(name)) return 'labels';
    // Prometheus refuses a whole scrape in OpenMetrics for it, if it stands in an exemplar.
    if (value.includes('\0')) return 'labels';
    for (let j = 0; j < i; j++) if (labels[j]![0] === name) return 'labels';
    characters += name.length + charactersOf(value);
    if (characters > EXEMPLAR_CHARACTERS) return 'length';
  }
  return undefined;
}

/** Whether this can be shown as an exemplar. */
export function isExemplar(labels: readonly (readonly [name: string, value: string])[], value: number, timestamp: number): boolean {
  const isMoment = Number.isFinite(timestamp) && timestamp >= 0 && timestamp <= LAST_MOMENT;
  return isMoment && typeof value === 'number' && !Number.isNaN(value) && exemplarFault(labels) === undefined;
}

/** Unicode characters; more than enough of them are not counted to the end. */
function charactersOf(text: string): number {
  if (text.length > 2 * EXEMPLAR_CHARACTERS) return text.length;
  let characters = text.length;
  for (let i = 1; i < text.length; i++) if (isHigh(text.charCodeAt(i - 1)) && (text.charCodeAt(i) & 0xfc00) === 0xdc00) characters--;
  return characters;
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
