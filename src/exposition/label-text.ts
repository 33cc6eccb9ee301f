/** Label values and help texts, escaped so that nothing in them can end a label or a line. */

const UNSAFE_IN_LABEL = /["\\\n\ud800-\udfff]/;
const UNSAFE_IN_HELP = /[\\\n\ud800-\udfff]/;
const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The inside of the quotes of a label value. */
export function escapeLabelValue(value: string): string {
  return UNSAFE_IN_LABEL.test(value) ? escapeHelp(value).replaceAll('"', '\\"') : value;
}

/** The rest of a `# HELP` line. */
export function escapeHelp(text: string): string {
  if (!UNSAFE_IN_HELP.test(text)) return text;
  // Half a surrogate pair has no UTF-8 form: written as it is, two label sets could turn into the same bytes.
  return text.replace(LONE_SURROGATE, '\ufffd').replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
