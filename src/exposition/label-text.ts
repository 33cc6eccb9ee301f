/** Label values and help texts, escaped so that nothing in them can end a label or a line. */

const UNSAFE_IN_LABEL = /["\\\n\ud800-\udfff]/;
const UNSAFE_IN_HELP = /[\\\n\ud800-\udfff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The inside of the quotes of a label value. */
export function escapeLabelValue(value: string): string {
  return UNSAFE_IN_LABEL.test(value) ? escapeHelp(value).replaceAll('"', '\\"') : value;
}

/** The rest of a `# HELP` line. */
export function escapeHelp(text: string): string {
  if (!UNSAFE_IN_HELP.test(text)) return text;
  return wellFormed(text).replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

/** Half a surrogate pair has no UTF-8 form: written as it is, two label sets could turn into the same bytes. */
export function wellFormed(text: string): string {
  return text.replace(LONE_SURROGATE, '\ufffd');
}

/** The labels of a text such as `kind="book",shop="a\"b"`, their values without escapes. */
export function labelPairs(text: string): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let at = 0; at < text.length; ) {
    const equals = text.indexOf('=', at);
    const start = equals + 2;
    let end = start;
    let isEscaped = false;
    for (let code = text.charCodeAt(end); code !== QUOTE && end < text.length; code = text.charCodeAt(end)) {
      if (code === BACKSLASH) isEscaped = true;
      end += code === BACKSLASH ? 2 : 1;
    }
    const value = text.slice(start, end);
    pairs.push([text.slice(at, equals), isEscaped ? unescaped(value) : value]);
    // Over the quote and the comma.
    at = end + 2;
  }
  return pairs;
}

function unescaped(value: string): string {
  return value.replace(/\\(.)/g, (_escape, character: string) => (character === 'n' ? '\n' : character));
}
