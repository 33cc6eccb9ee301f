/** One phanos a process, however it is loaded: as an ES module and by `require`, bundled, or installed twice in different versions. */

import { fileURLToPath } from 'node:url';
import { version } from './version.js';

const KEY = Symbol.for('phanos.1');

/** What the first copy leaves for those that are loaded after it. Later versions must still be able to read it. */
interface FirstCopy {
  readonly version: string;
  /** Folder of its package; a bundle's file, when it was bundled. */
  readonly path: string;
  readonly exports: object;
  /** Paths that a warning was written for. */
  readonly warnedOf: Set<string>;
}

/**
 * The exports that are to be handed out: those of the copy that was loaded first. A second copy warns once, because two versions were
 * installed and only one of them measures; the other format of the same package, or the same file loaded again, says nothing.
 *
 * @param own this copy's exports; they serve for names that an older first copy doesn't have
 */
export function oneInstance<T extends object>(own: T, ownVersion = version, ownPath = packagePath()): T {
  const slot = globalThis as { [KEY]?: FirstCopy };
  const first = slot[KEY];
  if (!first) {
    const value: FirstCopy = { version: ownVersion, path: ownPath, exports: own, warnedOf: new Set() };
    Object.defineProperty(globalThis, KEY, { value, configurable: true });
    return own;
  }
  const missing = Object.keys(own).filter((name) => !(name in first.exports));
  if (ownPath !== first.path && !first.warnedOf.has(ownPath)) {
    first.warnedOf.add(ownPath);
    const lacks = missing.length > 0 ? ` It has no ${missing.join(', ')}: those come from the second copy and measure apart.` : '';
    process.emitWarning(
      `phanos was loaded twice: ${first.version} in ${first.path} came first and measures for both, ` +
        `${ownVersion} in ${ownPath} is set aside.${lacks} Install one version, \`npm dedupe\` may do it.`,
      { type: 'PhanosWarning', code: 'PHANOS_LOADED_TWICE' },
    );
  }
  return missing.length > 0 ? { ...own, ...first.exports } : (first.exports as T);
}

/**
 * Where this copy lives. A call site is the one source that an ES module and CommonJS have in common: `import.meta` can't be compiled
 * for the one, nor `__filename` for the other.
 */
function packagePath(): string {
  if (Object.isFrozen(Error)) return 'an unknown folder';
  const before = { prepareStackTrace: Error.prepareStackTrace, stackTraceLimit: Error.stackTraceLimit };
  Error.stackTraceLimit = 1;
  Error.prepareStackTrace = (_error, sites) => sites[0]?.getFileName();
  const file = String(new Error('call site').stack);
  Object.assign(Error, before);
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  return path.replace(/[\\/]dist[\\/](esm|cjs)[\\/][^\\/]+$/, '');
}
