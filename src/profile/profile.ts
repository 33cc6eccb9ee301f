import { types } from 'node:util';
import { misuse } from '../diagnostics/misuse.js';
import { checkKnownKeys, describe, expectName, invalidOption } from '../diagnostics/options.js';
import { callerFile } from './call-sites.js';
import type { Engine } from './engine.js';
import { keepIdentity } from './identity.js';
import { isClass } from './is-class.js';
import { type AnyFunction, type OwnerSource, Site, type SiteOptions } from './site.js';
import { wrapAsyncCall, wrapCall } from './wrap-call.js';
import { wrapGenerator } from './wrap-generator.js';

/** Settings of one profiled function. */
export interface ProfileOptions extends SiteOptions {
  /** Name in the call path. Default: the function's own. */
  readonly name?: string;
  /** Class or module in the path of a root call. Default: the declaring class, or the base name of the file. */
  readonly item?: string;
}

/** What `@profile` and `profile(options)` do: a decorator for TC39 and legacy classes, and a function for functions. */
export interface ProfileDecorator {
  // biome-ignore lint/suspicious/noExplicitAny: the decorated member keeps its own type
  <This, F extends (this: This, ...args: any[]) => any>(method: F, context: ClassMethodDecoratorContext<This, F>): F;
  <This, V>(getter: (this: This) => V, context: ClassGetterDecoratorContext<This, V>): (this: This) => V;
  <This, V>(setter: (this: This, value: V) => void, context: ClassSetterDecoratorContext<This, V>): (this: This, value: V) => void;
  <This, V>(
    accessor: ClassAccessorDecoratorTarget<This, V>,
    context: ClassAccessorDecoratorContext<This, V>,
  ): ClassAccessorDecoratorResult<This, V>;
  <This, F extends AnyFunction>(field: undefined, context: ClassFieldDecoratorContext<This, F>): (this: This, initial: F) => F;
  <T>(target: object, key: string | symbol, descriptor: TypedPropertyDescriptor<T>): TypedPropertyDescriptor<T>;
}

/** The one symbol by which methods and functions are profiled. Types go through unchanged. */
export interface Profile extends ProfileDecorator {
  /** `profile(fn)`: the item is the base name of the calling file. */
  <F extends AnyFunction>(fn: F): F;
  /** `profile('item:name', fn)` or `profile('name', fn)`. */
  <F extends AnyFunction>(name: string, fn: F): F;
  /** `profile({ name, item, context, errorIf, sizeOf }, fn)`. */
  <F extends AnyFunction>(options: ProfileOptions, fn: F): F;
  /** `@profile({ … })`, or `profile({ … })(fn)`. */
  (options: ProfileOptions): ProfileDecorator & (<F extends AnyFunction>(fn: F) => F);
}

const PROFILE_OPTIONS = ['name', 'item', 'context', 'errorIf', 'sizeOf'] as const;

/** Makes the `profile` of a profiler. */
export function createProfile(decorators: Decorators): Profile {
  function profile(this: unknown, first: unknown, second?: unknown, third?: unknown): unknown {
    if (isDecoratorContext(second)) return decorators.decorate(first, second, {}, profile as AnyFunction);
    if (isLegacyCall(first, second))
      return decorators.decorateLegacy(first, second as PropertyKey, third as PropertyDescriptor | undefined, {});
    if (typeof first === 'string') return decorators.wrapFunction(second, named(first), profile as AnyFunction);
    if (typeof first === 'object' && first !== null) {
      const options = checkedOptions(first);
      return second === undefined ? withOptions(decorators, options) : decorators.wrapFunction(second, options, profile as AnyFunction);
    }
    return decorators.wrapFunction(first, {}, profile as AnyFunction);
  }

  return profile as Profile;
}

function withOptions(decorators: Decorators, options: ProfileOptions): unknown {
  return function configured(first: unknown, second?: unknown, third?: unknown): unknown {
    if (isDecoratorContext(second)) return decorators.decorate(first, second, options, configured);
    if (isLegacyCall(first, second))
      return decorators.decorateLegacy(first, second as PropertyKey, third as PropertyDescriptor | undefined, options);
    return decorators.wrapFunction(first, options, configured);
  };
}

/** Puts wrappers in the place of functions and class members. */
export class Decorators {
  readonly #engine: Engine;
  readonly #wrappers = new WeakSet<object>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** True for functions that this profiler made. */
  isProfiled(fn: unknown): boolean {
    return typeof fn === 'function' && this.#wrappers.has(fn);
  }

  wrapFunction(fn: unknown, options: ProfileOptions, caller: AnyFunction): AnyFunction {
    checkFunction(fn);
    if (this.isProfiled(fn) && options.name === undefined) return fn;
    const name = options.name ?? fn.name;
    if (name === '') throw misuse('OPTION_INVALID', "profile: the function has no name; give one: profile('item:name', fn)");
    return this.#wrapAnew(fn, name, { kind: 'given', item: options.item ?? callerFile(caller) ?? 'main' }, options);
  }

  /** TC39 decorators. */
  decorate(target: unknown, context: DecoratorContext, options: ProfileOptions, caller: AnyFunction): unknown {
    if (context.kind === 'class') throw classError();
    const name = options.name ?? memberName(context.name);
    const fallback = callerFile(caller) ?? 'main';
    const byConstructor = context.private || context.kind === 'field';
    const source: OwnerSource =
      options.item !== undefined
        ? { kind: 'given', item: options.item }
        : byConstructor
          ? { kind: 'initialized', fallback }
          : { kind: 'member', key: context.name, fallback };
    const sites: Site[] = [];
    const wrapMember = (fn: AnyFunction): AnyFunction => this.wrap(fn, name, source, options, sites);
    resolveOwners(context, sites);
    switch (context.kind) {
      case 'method':
      case 'getter':
      case 'setter':
        return wrapMember(target as AnyFunction);
      case 'accessor': {
        const { get, set } = target as ClassAccessorDecoratorTarget<unknown, unknown>;
        return { get: wrapMember(get), set: wrapMember(set) };
      }
      case 'field':
        return fieldInitializer(this, name, context.static, source, options, sites);
      default:
        throw invalidOption('profile', 'decorated member', 'a method, accessor or field', (context as DecoratorContext).kind);
    }
  }

  /** `experimentalDecorators`. */
  decorateLegacy(
    target: object,
    key: PropertyKey,
    descriptor: PropertyDescriptor | undefined,
    options: ProfileOptions,
  ): PropertyDescriptor {
    const owner = typeof target === 'function' ? target.name : target.constructor.name;
    // The compiler passes the index of a decorated parameter.
    if (typeof descriptor === 'number')
      throw misuse('OPTION_INVALID', `profile: can't profile a parameter; decorate the method '${owner}.${String(key)}' itself`);
    if (descriptor === undefined && typeof target === 'function' && !isClass(target)) {
      throw misuse('OPTION_INVALID', `profile: the name comes first: profile('${String(key)}', …)`);
    }
    if (descriptor === undefined) {
      throw misuse(
        'OPTION_INVALID',
        `profile: legacy decorators can't wrap the field '${owner}.${String(key)}'; wrap its value instead: ${String(key)} = profile('${owner}:${String(key)}', …)`,
      );
    }
    const source: OwnerSource = { kind: 'given', item: options.item ?? owner };
    const name = options.name ?? memberName(key);
    return this.decorateDescriptor(descriptor, name, source, options);
  }

  /** The descriptor with wrapped functions. */
  decorateDescriptor(descriptor: PropertyDescriptor, name: string, source: OwnerSource, options: ProfileOptions): PropertyDescriptor {
    const { value, get, set } = descriptor;
    if (typeof value === 'function') return { ...descriptor, value: this.wrap(value as AnyFunction, name, source, options) };
    if (get === undefined && set === undefined) checkFunction(value);
    const wrapped = { ...descriptor };
    if (get !== undefined) wrapped.get = this.wrap(get, name, source, options);
    if (set !== undefined) wrapped.set = this.wrap(set, name, source, options);
    return wrapped;
  }

  /** @param sites receives the site of the wrapper */
  wrap(fn: AnyFunction, name: string, source: OwnerSource, options: ProfileOptions, sites?: Site[]): AnyFunction {
    return this.isProfiled(fn) ? fn : this.#wrapAnew(fn, name, source, options, sites);
  }

  #wrapAnew(fn: AnyFunction, name: string, source: OwnerSource, options: ProfileOptions, sites?: Site[]): AnyFunction {
    const kind = functionKind(fn);
    const site = new Site(name, source, options, kind === 'AsyncFunction');
    const wrapper = this.#wrapperOf(kind, site, fn);
    keepIdentity(fn, wrapper);
    site.wrapper = wrapper;
    sites?.push(site);
    this.#wrappers.add(wrapper);
    return wrapper;
  }

  #wrapperOf(kind: string | undefined, site: Site, fn: AnyFunction): AnyFunction {
    switch (kind) {
      case 'GeneratorFunction':
        return wrapGenerator(this.#engine, site, fn, false);
      case 'AsyncGeneratorFunction':
        return wrapGenerator(this.#engine, site, fn, true);
      case 'AsyncFunction':
        // Libraries that wrap functions copy prototypes; what only looks async may return anything.
        return types.isAsyncFunction(fn) ? wrapAsyncCall(this.#engine, site, fn) : wrapCall(this.#engine, site, fn);
      default:
        return wrapCall(this.#engine, site, fn);
    }
  }
}

/** Fields get a wrapper for each instance; the first one finds the owner for all. */
function fieldInitializer(
  decorators: Decorators,
  name: string,
  isStatic: boolean,
  source: OwnerSource,
  options: ProfileOptions,
  sites: Site[],
) {
  return function initialize(this: unknown, initial: unknown): unknown {
    if (typeof initial !== 'function') throw invalidOption('profile', `value of the field '${name}'`, 'a function', initial);
    const item = sites[0]?.ownerOf(undefined);
    const given: OwnerSource = item !== undefined && sites[0]?.isResolved === true ? { kind: 'given', item } : source;
    const own: Site[] = [];
    const wrapper = decorators.wrap(initial as AnyFunction, name, given, options, own);
    if (own[0] !== undefined && !own[0].isResolved) {
      if (isStatic) own[0].resolveTo((this as { readonly name: string }).name);
      else own[0].resolveFromConstructor(initialize);
    }
    if (sites.length === 0) sites.push(...own);
    return wrapper;
  };
}

/** Has the class's initializers tell the owner: an instance member's run while the declaring class constructs, a static member's with the class as `this`. */
function resolveOwners(context: Exclude<DecoratorContext, ClassDecoratorContext>, sites: Site[]): void {
  if (context.kind === 'field') return;
  context.addInitializer(function resolve(this: unknown) {
    for (const site of sites) {
      if (site.isResolved) continue;
      if (context.static) site.resolveTo((this as { readonly name: string }).name);
      else site.resolveFromConstructor(resolve);
    }
  });
}

function functionKind(fn: AnyFunction): string | undefined {
  return (fn as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];
}

function memberName(key: PropertyKey): string {
  return typeof key === 'symbol' ? `[${key.description ?? 'symbol'}]` : String(key);
}

/** `item:name` or `name`. */
function named(text: string): ProfileOptions {
  const colon = text.indexOf(':');
  const [item, name] = colon < 0 ? [undefined, text] : [text.slice(0, colon), text.slice(colon + 1)];
  if (name === '' || item === '') throw misuse('OPTION_INVALID', `profile: '${text}' is no name; give 'name' or 'item:name'`);
  return item === undefined ? { name } : { item, name };
}

function checkedOptions(options: object): ProfileOptions {
  checkKnownKeys('profile', options, PROFILE_OPTIONS);
  const { name, item, context, errorIf, sizeOf } = options as ProfileOptions;
  if (name !== undefined) expectName('profile', 'name', name);
  if (item !== undefined) expectName('profile', 'item', item);
  if (context !== undefined && context !== 'auto' && context !== 'exact')
    throw invalidOption('profile', 'context', "'auto' or 'exact'", context);
  if (errorIf !== undefined && typeof errorIf !== 'function') throw invalidOption('profile', 'errorIf', 'a function', errorIf);
  if (sizeOf !== undefined && typeof sizeOf !== 'function') throw invalidOption('profile', 'sizeOf', 'a function', sizeOf);
  return name?.includes(':') === true ? { ...(options as ProfileOptions), ...named(name) } : options;
}

function checkFunction(fn: unknown): asserts fn is AnyFunction {
  if (typeof fn !== 'function') throw misuse('OPTION_INVALID', `profile: expected a function or a method, got ${describe(fn)}`);
  if (isClass(fn)) throw classError();
}

function classError(): TypeError {
  return misuse('OPTION_INVALID', 'profile: got a class; decorate its methods, or the class with @profileAll()');
}

function isDecoratorContext(value: unknown): value is DecoratorContext {
  return typeof value === 'object' && value !== null && 'kind' in value && 'addInitializer' in value;
}

/** Legacy decorators are called with the prototype (or the class), the key, and the descriptor. */
function isLegacyCall(first: unknown, second: unknown): first is object {
  return (
    ((typeof first === 'object' && first !== null) || typeof first === 'function') &&
    (typeof second === 'string' || typeof second === 'symbol')
  );
}
