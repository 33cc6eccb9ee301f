import { types } from 'node:util';
import { Frame } from './call-context.js';
import type { CallNode } from './call-node.js';
import { type Engine, OFF } from './engine.js';
import { Entry } from './entry.js';
import { FullCall } from './full-call.js';
import { type AnyFunction, EXACT, type Site } from './site.js';

type Step = 'next' | 'return' | 'throw';
const STEPS: readonly Step[] = ['next', 'return', 'throw'];

/** Methods by which a generator is driven; an asynchronous one returns promises of the steps. */
type Steps = Record<Step, (value?: unknown) => unknown>;

interface StepResult {
  readonly done?: boolean;
  readonly value: unknown;
}

/**
 * The function that stands in for a generator function.
 *
 * A call is timed over the time in which its body runs, from the first step to the last, and its body runs in its context wherever the
 * steps are made. The generator itself is returned, with steps of its own in front of the inherited ones. One that is never finished is never counted.
 */
export function wrapGenerator(engine: Engine, site: Site, fn: AnyFunction, isAsync: boolean): AnyFunction {
  const entry = new Entry(engine.tree, site);
  return function profiled(this: unknown, ...args: unknown[]): unknown {
    const generator: unknown = fn.apply(this, args);
    // A function may only look like a generator function: libraries that wrap functions copy prototypes.
    if (engine.mode === OFF || !types.isGeneratorObject(generator)) return generator;
    const outer = engine.context.current();
    const node = entry.node(outer.node, this);
    if (node.muted) return generator;
    const call = new FullCall(engine, site, node, outer, args);
    const frame = isAsync || site.follow === EXACT ? new Frame(node, call.buffer) : undefined;
    new GeneratorCall({ engine, call, node, frame, fn, isAsync }).drive(generator as unknown as Steps);
    return generator;
  };
}

/** What a {@link GeneratorCall} works with. */
interface GeneratorCallOptions {
  readonly engine: Engine;
  readonly call: FullCall;
  readonly node: CallNode;
  /** Where the body runs, if it may go on after a step returned. */
  readonly frame: Frame | undefined;
  readonly fn: AnyFunction;
  readonly isAsync: boolean;
}

/** One run of a generator's body, measured step by step. */
class GeneratorCall {
  readonly #options: GeneratorCallOptions;
  #state: 'new' | 'running' | 'ended' = 'new';
  #isStepping = false;
  /** Steps that were asked for and have not ended. Those of an asynchronous generator may overlap: they wait for each other. */
  #open = 0;
  /** When the first of them began. */
  #since = 0;
  #active = 0;

  constructor(options: GeneratorCallOptions) {
    this.#options = options;
  }

  drive(generator: Steps): void {
    for (const step of STEPS) {
      const inherited = generator[step];
      Object.defineProperty(generator, step, {
        configurable: true,
        writable: true,
        enumerable: false,
        value: (...values: [value?: unknown]) => this.#step(inherited, generator, values),
      });
    }
  }

  #step(step: AnyFunction, generator: Steps, values: [value?: unknown]): unknown {
    // A body that asks for its own next step gets a TypeError and may go on.
    if (this.#state === 'ended' || this.#isStepping) return step.apply(generator, values);
    const { engine, call, fn, isAsync } = this.#options;
    if (this.#state === 'new') {
      this.#state = 'running';
      this.#run(() => call.begin(engine.context.current(), fn), undefined, []);
    }
    if (this.#open++ === 0) this.#since = engine.clock();
    let result: unknown;
    this.#isStepping = !isAsync;
    try {
      result = this.#run(step, generator, values);
    } catch (error) {
      this.#threw(error);
      throw error;
    } finally {
      this.#isStepping = false;
    }
    if (isAsync) return this.#follow(result as Promise<StepResult>);
    this.#stepped(result as StepResult);
    return result;
  }

  #run(fn: AnyFunction, self: unknown, args: readonly unknown[]): unknown {
    const { engine, call, node, frame } = this.#options;
    return frame === undefined ? engine.context.visit(node, call.buffer, fn, self, args) : engine.context.run(frame, fn, self, args);
  }

  async #follow(promise: Promise<StepResult>): Promise<StepResult> {
    try {
      const result = await promise;
      this.#stepped(result);
      return result;
    } catch (error) {
      this.#threw(error);
      throw error;
    }
  }

  #stepped(result: StepResult): void {
    if (this.#state === 'ended') return;
    const { engine, call } = this.#options;
    this.#rest(result.done === true);
    if (result.done !== true) return;
    this.#state = 'ended';
    call.returned(engine.context.current(), result.value, this.#active);
  }

  #threw(error: unknown): void {
    if (this.#state === 'ended') return;
    const { engine, call } = this.#options;
    this.#rest(true);
    this.#state = 'ended';
    call.threw(engine.context.current(), error, this.#active);
  }

  /** A step has ended: the body rests, unless another one was asked for. It also rests when it has ended, whatever is still asked of it. */
  #rest(hasEnded: boolean): void {
    if (--this.#open === 0 || hasEnded) this.#active += this.#options.engine.clock() - this.#since;
  }
}
