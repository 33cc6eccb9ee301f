/** Reads the running stack as V8 keeps it, whatever `Error` was told by source-map tools. */

const DEPTH = 24;

/** Files of compilers' helper libraries, which stand between a decorator and the decorated class. */
const HELPERS = /[\\/](?:tslib|@swc[\\/]helpers|@babel[\\/]runtime)[\\/]/;

/** Base name, without ending, of the file that called `below`; undefined if no file did, as in a REPL. */
export function callerFile(below: (...args: never[]) => unknown): string | undefined {
  for (const site of callSites(below)) {
    const file = site.getFileName();
    if (typeof file === 'string' && !HELPERS.test(file) && !file.startsWith('node:')) return baseName(file);
  }
  return undefined;
}

/** Name of the class whose constructor is running nearest above `below`; undefined if there is none or it has no name. */
export function runningConstructor(below: (...args: never[]) => unknown): string | undefined {
  const constructing = callSites(below).find((site) => site.isConstructor());
  return constructing?.getFunctionName() || undefined;
}

function callSites(below: (...args: never[]) => unknown): NodeJS.CallSite[] {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.stackTraceLimit = DEPTH;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, below);
    return Array.isArray(holder.stack) ? (holder.stack as NodeJS.CallSite[]) : [];
  } catch {
    // Error may be frozen; names are a convenience, not worth an error.
    return [];
  } finally {
    restore(prepareStackTrace, stackTraceLimit);
  }
}

function restore(prepareStackTrace: typeof Error.prepareStackTrace, stackTraceLimit: number): void {
  try {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  } catch {
    // See above.
  }
}

function baseName(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1).replace(/[?#].*$/, '');
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
