import { PhanosError } from '../../diagnostics/phanos-error.js';
import type { ConfigFault } from './config-fault.js';
import { ConfigNode } from './config-node.js';

/** Larger files are no configuration. */
const MAX_LENGTH = 1 << 20;

/** A configuration in YAML, of which JSON is a part. */
export class ConfigDocument {
  /** What was found wrong so far, in the order of the checks. */
  readonly faults: ConfigFault[] = [];
  /** The whole of it; absent if it can't be read at all, and `faults` tells why. */
  readonly root: ConfigNode | undefined;

  private constructor(faults: readonly ConfigFault[], makeRoot: (document: ConfigDocument) => ConfigNode | undefined) {
    this.faults.push(...faults);
    this.root = faults.length > 0 ? undefined : makeRoot(this);
  }

  /** Rejects with PACKAGE_MISSING if the package `yaml` is not installed. */
  static async parse(text: string): Promise<ConfigDocument> {
    const yaml = await loadYaml();
    const { LineCounter, parseDocument } = yaml;
    const lines = new LineCounter();
    const place = (offset: number): Omit<ConfigFault, 'message'> => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(1, line), column: Math.max(1, col) };
    };
    if (text.length > MAX_LENGTH) {
      return new ConfigDocument([{ line: 1, column: 1, message: `is longer than ${MAX_LENGTH} characters` }], () => undefined);
    }
    const parsed = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, strict: true });
    const faults = [...parsed.errors, ...parsed.warnings].map(({ message, pos: [start] }) => ({ ...place(start), message }));
    return new ConfigDocument(faults, ({ faults: found }) => {
      const report = (offset: number, message: string): void => void found.push({ ...place(offset), message });
      return new ConfigNode(parsed.contents, { yaml, report, resolve: (alias) => alias.resolve(parsed) });
    });
  }
}

async function loadYaml(): Promise<typeof import('yaml')> {
  try {
    return await import('yaml');
  } catch (error) {
    throw new PhanosError('PACKAGE_MISSING', 'configuration files need the package yaml; install it: npm install yaml', { cause: error });
  }
}
