import type { Profile } from 'phanos';

/** One step of a function: pass time, call, call several at once, or throw. */
export type Step =
  | { readonly tick: number }
  | { readonly call: Call; readonly catch: boolean; readonly times?: number }
  | { readonly gather: readonly Call[] }
  | { readonly raise: true };

type ClassName = 'Alpha' | 'Beta' | 'Gamma';
type FunctionName = 'get' | 'load' | 'put' | 'run' | 'save' | 'step';

export interface Call {
  readonly cls: ClassName | null;
  readonly name: FunctionName;
  readonly ops: readonly Step[];
}

/** How calls are followed. */
export type Context = 'auto' | 'exact';

/** What a function does with its steps, and what it returns: nothing, or a promise of nothing. */
type Body<R> = (steps: readonly Step[]) => R;
type Functions<R> = Readonly<Record<FunctionName, Body<R>>>;

/** The profiled functions of the trees, three classes and a module, all with one body. */
export function functionsOf<R>(profile: Profile, context: Context, body: Body<R>): (call: Call) => R {
  const profiled = context === 'exact' ? profile({ context }) : profile;

  class Alpha implements Functions<R> {
    @profiled get(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled load(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled put(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled run(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled save(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled step(steps: readonly Step[]) {
      return body(steps);
    }
  }
  class Beta implements Functions<R> {
    @profiled get(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled load(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled put(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled run(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled save(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled step(steps: readonly Step[]) {
      return body(steps);
    }
  }
  class Gamma implements Functions<R> {
    @profiled get(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled load(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled put(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled run(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled save(steps: readonly Step[]) {
      return body(steps);
    }
    @profiled step(steps: readonly Step[]) {
      return body(steps);
    }
  }
  const owners = { Alpha: new Alpha(), Beta: new Beta(), Gamma: new Gamma() };
  const names: FunctionName[] = ['get', 'load', 'put', 'run', 'save', 'step'];
  const module = Object.fromEntries(
    names.map((name) => [name, profile({ item: 't_trees', name, context }, (steps: readonly Step[]) => body(steps))]),
  ) as Record<FunctionName, Body<R>>;
  return ({ cls, name, ops }) => (cls === null ? module : owners[cls])[name](ops);
}
