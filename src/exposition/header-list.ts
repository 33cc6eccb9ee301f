/** Headers that are lists with weights, such as `text/plain;version=0.0.4;q=0.5,text/html;q=0.1`. */

/** One element of such a list. */
export interface ListElement {
  /** In lower case: `text/plain`. */
  readonly value: string;
  /** By name in lower case, without `q`. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Weight from 0, which means never, to 1. */
  readonly weight: number;
}

const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g;

/** Reads what makes sense: an element with a weight that is no number is left out. */
export function headerList(header: string): ListElement[] {
  return (header.match(ELEMENT) ?? []).map(elementOf).filter(({ value, weight }) => value !== '' && weight >= 0);
}

function elementOf(text: string): ListElement {
  const value = (text.split(';', 1)[0] ?? '').trim().toLowerCase();
  const parameters = new Map<string, string>();
  let weight = 1;
  for (const [, name, quoted, plain] of text.matchAll(PARAMETER)) {
    const parameter = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    if (name!.toLowerCase() === 'q') weight = parameter === '' ? Number.NaN : Math.min(Number(parameter), 1);
    else parameters.set(name!.toLowerCase(), parameter);
  }
  return { value, parameters, weight };
}
