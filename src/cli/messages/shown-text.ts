/** Characters of a text from elsewhere that are shown. */
const SHOWN = 200;
/** What could drive a terminal, or turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text that anybody may have sent, fit for a terminal: in one line, cut to 200 characters, unseen characters written as `\u{…}`. */
export function shownText(text: string): string {
  const cut = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return cut.replace(UNSEEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}
