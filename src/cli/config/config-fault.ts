/** Something wrong in a configuration file, and where. */
export interface ConfigFault {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  readonly message: string;
}

/** `file:line:column: message`, as compilers write it and editors understand it. */
export function faultText(file: string, { line, column, message }: ConfigFault): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** As one reads the file. */
export function inOrder(faults: readonly ConfigFault[]): ConfigFault[] {
  return faults.toSorted((a, b) => a.line - b.line || a.column - b.column);
}
