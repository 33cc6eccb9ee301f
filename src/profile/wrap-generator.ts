import { Frame } from './call-context.js';
import { type Engine, OFF } from './engine.js';
import { Entry } from './entry.js';
import { FullCall } from './full-call.js';
import type { AnyFunction, Site } from './site.js';

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
    if (engine.mode === OFF) return generator;
    const outer = engine.context.current();
    const node = entry.node(outer.node, this);
    if (node.muted) return generator;
    const call = new GeneratorCall(engine, new FullCall(engine, site, node, outer, args), fn, isAsync);
    call.drive(generator as Steps, node);
    return generator;
  };
}

/** One run of a generator's body, measured step by step. */
class GeneratorCall {
  readonly #engine: Engine;
  readonly #call: FullCall;
  readonly #fn: AnyFunction;
  readonly #isAsync: boolean;
  #state: 'new' | 'running' | 'ended' = 'new';
  #active = 0;

  constructor(engine: Engine, call: FullCall, fn: AnyFunction, isAsync: boolean) {
    this.#engine = engine;
    this.#call = call;
    this.#fn = fn;
    this.#isAsync = isAsync;
  }

  drive(generator: Steps, node: Frame['node']): void {
    const frame = new Frame(node, this.#call.buffer);
    for (const step of STEPS) {
      const inherited = generator[step];
      Object.defineProperty(generator, step, {
        configurable: true,
        writable: true,
        enumerable: false,
        value: (...values: [value?: unknown]) => this.#step(frame, inherited, generator, values),
      });
    }
  }

  #step(frame: Frame, step: AnyFunction, generator: Steps, values: [value?: unknown]): unknown {
    if (this.#state === 'ended') return step.apply(generator, values);
    const { context, clock } = this.#engine;
    if (this.#state === 'new') {
      this.#state = 'running';
      context.run(frame, () => this.#call.begin(frame, this.#fn), undefined, []);
    }
    const start = clock();
    let result: unknown;
    try {
      result = context.run(frame, step, generator, values);
    } catch (error) {
      this.#threw(frame, start, error);
      throw error;
    }
    if (this.#isAsync) return this.#follow(frame, start, result as Promise<StepResult>);
    this.#stepped(frame, start, result as StepResult);
    return result;
  }

  async #follow(frame: Frame, start: number, promise: Promise<StepResult>): Promise<StepResult> {
    try {
      const result = await promise;
      this.#stepped(frame, start, result);
      return result;
    } catch (error) {
      this.#threw(frame, start, error);
      throw error;
    }
  }

  #stepped(frame: Frame, start: number, result: StepResult): void {
    if (this.#state === 'ended') return;
    this.#active += this.#engine.clock() - start;
    if (result.done !== true) return;
    this.#state = 'ended';
    this.#engine.context.run(frame, () => this.#call.returned(frame, result.value, this.#active), undefined, []);
  }

  #threw(frame: Frame, start: number, error: unknown): void {
    if (this.#state === 'ended') return;
    this.#active += this.#engine.clock() - start;
    this.#state = 'ended';
    this.#engine.context.run(frame, () => this.#call.threw(frame, error, this.#active), undefined, []);
  }
}
