import fc from 'fast-check';
import type { Profile } from '../../src/client.js';
import { turn } from './watched.js';

/** A call of a random program. */
interface Call {
  readonly kind: 'async' | 'async generator' | 'exact' | 'generator' | 'promise' | 'sync';
  /** One of three functions of its kind. */
  readonly fn: number;
  readonly throws: boolean;
  /** Turns of the event loop before each child, where the kind allows it. */
  readonly waits: number;
  /** How children that return promises are dealt with. */
  readonly children: readonly Call[];
  readonly join: 'all at once' | 'one by one' | 'not at all';
}

class Expected extends Error {}

type Kind = Call['kind'];

export const synchronous: readonly Kind[] = ['sync', 'generator', 'exact'];
export const kinds: readonly Kind[] = [...synchronous, 'async', 'promise', 'async generator'];

function callOf(kinds: readonly Kind[]): fc.Arbitrary<Call> {
  return fc.letrec<{ call: Call }>((tie) => ({
    call: fc.record({
      kind: fc.constantFrom(...kinds),
      fn: fc.nat({ max: 2 }),
      throws: fc.boolean(),
      waits: fc.nat({ max: 2 }),
      join: fc.constantFrom('all at once', 'one by one', 'not at all'),
      children: fc.oneof({ depthSize: 'medium', withCrossShrink: true }, fc.constant([]), fc.array(tie('call'), { maxLength: 4 })),
    }),
  })).call;
}

const name = ({ kind, fn }: Call): string => `${kind.replace(' ', '-')}${fn}`;

/** What the tree must look like: each call once, below the one that made it. */
export function oracle(calls: readonly Call[], above = ''): string[] {
  return calls.flatMap((call) => {
    const path = above === '' ? `m:${name(call)}` : `${above}.${name(call)}`;
    return [call.throws ? `${path} !` : path, ...oracle(call.children, path)];
  });
}

/** Runs random programs on profiled functions. Synchronous calls make their children at once; the others wait in between. */
export class Program {
  readonly #fns: Record<string, (call: Call) => unknown> = {};
  /** Promises that nobody awaits. */
  readonly #loose: Promise<unknown>[] = [];

  constructor(profile: Profile) {
    for (const fn of [0, 1, 2]) {
      const define = (kind: Kind, body: (call: Call) => unknown, option: object = {}): void => {
        const key = name({ kind, fn } as Call);
        this.#fns[key] = profile({ name: key, item: 'm', ...option }, body);
      };
      define('sync', (call) => this.#makeAll(call));
      define('exact', (call) => this.#makeAll(call), { context: 'exact' });
      const { generator, asyncGenerator, asynchronous } = this.#bodies();
      define('async', asynchronous);
      define('promise', (call) => this.#work(call));
      define('generator', generator);
      define('async generator', asyncGenerator);
    }
  }

  async run(roots: readonly Call[]): Promise<void> {
    await Promise.all(roots.map((root) => this.#swallow(this.#make(root))));
    while (this.#loose.length > 0) await this.#loose.pop();
  }

  #bodies() {
    const program = this;
    return {
      asynchronous: async (call: Call): Promise<void> => program.#work(call),
      *generator(call: Call): Generator<number> {
        for (const child of call.children) {
          program.#forget(program.#make(child));
          yield 1;
        }
        program.#end(call);
      },
      async *asyncGenerator(call: Call): AsyncGenerator<number> {
        for (const child of call.children) {
          for (let at = 0; at < call.waits; at++) await turn();
          await program.#swallow(program.#make(child));
          yield 1;
        }
        program.#end(call);
      },
    };
  }

  #makeAll(call: Call): void {
    for (const child of call.children) this.#forget(this.#make(child));
    this.#end(call);
  }

  async #work(call: Call): Promise<void> {
    const pending: unknown[] = [];
    for (const child of call.children) {
      for (let at = 0; at < call.waits; at++) await turn();
      const made = this.#make(child);
      if (call.join === 'one by one') await this.#swallow(made);
      else if (call.join === 'all at once') pending.push(this.#swallow(made));
      else this.#forget(made);
    }
    await Promise.all(pending);
    this.#end(call);
  }

  /** Makes a call and drives generators. Throws what a synchronous call throws. */
  #make(call: Call): unknown {
    try {
      const made = this.#fns[name(call)]?.(call);
      if (call.kind === 'generator') for (const _ of made as Generator<number>);
      else if (call.kind === 'async generator') return this.#drain(made as AsyncGenerator<number>);
      return made;
    } catch (error) {
      if (error instanceof Expected) return undefined;
      throw error;
    }
  }

  async #drain(items: AsyncGenerator<number>): Promise<void> {
    for await (const _ of items);
  }

  async #swallow(made: unknown): Promise<void> {
    try {
      await made;
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
    }
  }

  #forget(made: unknown): void {
    if (made instanceof Promise) this.#loose.push(this.#swallow(made));
  }

  #end(call: Call): void {
    if (call.throws) throw new Expected();
  }
}

export function tally(paths: readonly string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const path of paths) found[path] = (found[path] ?? 0) + 1;
  return found;
}

/** Roots of different names, so that records tell theirs. */
export function programOf(kinds: readonly Kind[]): fc.Arbitrary<Call[]> {
  return fc.uniqueArray(callOf(kinds), { minLength: 1, maxLength: 4, selector: name });
}

/** In the order in which calls end: children before their parents. */
export function postOrder(call: Call, above = ''): string[] {
  const path = above === '' ? `m:${name(call)}` : `${above}.${name(call)}`;
  return [...call.children.flatMap((child) => postOrder(child, path)), call.throws ? `${path} !` : path];
}
