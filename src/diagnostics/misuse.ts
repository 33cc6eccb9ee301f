/** Errors for wrong arguments: plain `TypeError`s and `RangeError`s, so that they look as JavaScript's own do, with a stable `code` on top. */

/** Every code of a wrong argument. A code is never reused for another meaning. */
export type MisuseCode = 'OPTION_INVALID' | 'OPTION_UNKNOWN';

/** A `TypeError` for an argument that no value of its kind would mend: an unknown option, a wrong type. */
export function misuse(code: MisuseCode, message: string): TypeError & { readonly code: MisuseCode } {
  return Object.assign(new TypeError(message), { code });
}

/** A `RangeError` for an argument of the right type that lies outside of what is allowed. */
export function outOfRange(code: MisuseCode, message: string): RangeError & { readonly code: MisuseCode } {
  return Object.assign(new RangeError(message), { code });
}
