import type { Alias, Node, ParsedNode } from 'yaml';
import { suggestion } from '../../diagnostics/nearest.js';
import { describe } from '../../diagnostics/options.js';

/** What a node needs of its document. */
export interface ConfigNodeHost {
  /** Handed in, for the package is loaded only when a file is read. */
  readonly yaml: Pick<typeof import('yaml'), 'isAlias' | 'isMap' | 'isScalar' | 'isSeq'>;
  report(offset: number, message: string): void;
  /** What an alias stands for. */
  resolve(alias: Alias): Node | undefined;
}

/**
 * A value of a configuration with its place. Each reading checks what it reads: what is wrong is reported with its place and read as undefined, so that one
 * look tells all faults of a file.
 */
export class ConfigNode {
  readonly #node: Node | null;
  readonly #host: ConfigNodeHost;
  readonly #path: string;
  /** Where it is spoken of: a scalar where it stands, a collection where its name stands. */
  readonly #offset: number;
  readonly #keyOffset: number;

  constructor(node: Node | null | undefined, host: ConfigNodeHost, path = '', offset = 0) {
    this.#node = host.yaml.isAlias(node) ? (host.resolve(node) ?? null) : (node ?? null);
    this.#host = host;
    this.#path = path;
    this.#keyOffset = offset;
    this.#offset = host.yaml.isScalar(node) ? ((node as ParsedNode).range?.[0] ?? offset) : offset;
  }

  /** Reports something that is wrong with this value. */
  fault(message: string): undefined {
    this.#host.report(this.#offset, this.#path === '' ? message : `${this.#path} ${message}`);
    return undefined;
  }

  /** The fields by name; a name that is not among `known` is reported, with the one that was probably meant. */
  fields<Name extends string>(known: readonly Name[]): Partial<Record<Name, ConfigNode>> {
    const fields: Partial<Record<Name, ConfigNode>> = {};
    for (const [name, value] of this.entries() ?? []) {
      if (known.includes(name as Name)) fields[name as Name] = value;
      else value.#host.report(value.#keyOffset, `unknown setting '${value.#path}', ${suggestion(name, known)}`);
    }
    return fields;
  }

  /** Names and values of a mapping; an empty document is an empty mapping. */
  entries(): (readonly [name: string, value: ConfigNode])[] | undefined {
    const node = this.#node;
    const { isMap, isScalar } = this.#host.yaml;
    if (node === null || (isScalar(node) && node.value === null)) return [];
    if (!isMap(node)) return this.#mustBe('a mapping of settings');
    return node.items.map(({ key, value }) => {
      const name = isScalar(key) ? String(key.value) : String(key);
      const path = this.#path === '' ? name : `${this.#path}.${name}`;
      return [name, new ConfigNode(value as Node | null, this.#host, path, (key as ParsedNode).range[0])] as const;
    });
  }

  /** The elements of a list, each read by `read`. */
  list<T>(read: (element: ConfigNode) => T | undefined): T[] | undefined {
    const node = this.#node;
    if (!this.#host.yaml.isSeq(node)) return this.#mustBe('a list');
    const elements = node.items.map((item, i) => {
      const offset = (item as ParsedNode | null)?.range?.[0] ?? this.#offset;
      return read(new ConfigNode(item as Node | null, this.#host, `${this.#path}[${i}]`, offset));
    });
    return elements.filter((element) => element !== undefined);
  }

  /**
   * A list of texts that are not to be shown, not even where they are wrong.
   * @param form what it must be, in words
   */
  secrets(form: string, isRight: (text: unknown) => boolean): string[] | undefined {
    const { isScalar, isSeq } = this.#host.yaml;
    const values = isSeq(this.#node) ? this.#node.items.map((item) => (isScalar(item) ? item.value : undefined)) : [undefined];
    if (values.every(isRight)) return values as string[];
    return this.fault(`must be ${form}; what came is a secret and not shown`);
  }

  /** A text that is not to be shown, not even where it is wrong. */
  secret(form = 'a text', isRight = (text: unknown): boolean => typeof text === 'string' && text !== ''): string | undefined {
    const value = this.#scalar();
    return isRight(value) ? (value as string) : this.fault(`must be ${form}; what came is a secret and not shown`);
  }

  /** Text of at least one character. */
  text(what = 'a text of at least one character'): string | undefined {
    const value = this.#scalar();
    return typeof value === 'string' && value !== '' ? value : this.#mustBe(what);
  }

  flag(): boolean | undefined {
    const value = this.#scalar();
    return typeof value === 'boolean' ? value : this.#mustBe('true or false');
  }

  /** A finite number. */
  number(): number | undefined {
    const value = this.#scalar();
    return typeof value === 'number' && Number.isFinite(value) ? value : this.#mustBe('a number');
  }

  /** A whole number from `least` to `most`. */
  whole(least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
    const value = this.#scalar();
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    return this.#mustBe(
      most === Number.MAX_SAFE_INTEGER ? `a whole number of ${least} or more` : `a whole number from ${least} to ${most}`,
    );
  }

  /** One of these words. */
  word<W extends string>(words: readonly W[]): W | undefined {
    const value = this.#scalar();
    return words.includes(value as W) ? (value as W) : this.#mustBe(words.map((word) => `'${word}'`).join(' or '));
  }

  #scalar(): unknown {
    return this.#host.yaml.isScalar(this.#node) ? this.#node.value : undefined;
  }

  #mustBe(what: string): undefined {
    return this.fault(`must be ${what}, got ${this.#describe()}`);
  }

  #describe(): string {
    const { isMap, isScalar, isSeq } = this.#host.yaml;
    if (isMap(this.#node)) return 'a mapping';
    if (isSeq(this.#node)) return 'a list';
    return isScalar(this.#node) ? describe(this.#node.value) : 'nothing';
  }
}
