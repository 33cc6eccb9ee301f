import { styleText } from 'node:util';

/** A line for the terminal. */
export interface TextLine {
  readonly text: string;
  readonly style?: 'bold' | 'dim' | 'green' | 'red';
}

export const BLANK: TextLine = { text: '' };

/** A table whose titles stand out. */
export function titled([title = '', ...rows]: readonly string[]): TextLine[] {
  return [{ text: title, style: 'bold' }, ...rows.map((text) => ({ text }))];
}

/** The line as it goes to the terminal. */
export function lineText({ text, style }: TextLine, styled: boolean): string {
  return styled && style !== undefined && text !== '' ? styleText(style, text, { validateStream: false }) : text;
}
