import { misuse } from '../diagnostics/misuse.js';
import { suggestion } from '../diagnostics/nearest.js';
import { checkKnownKeys, expectBoolean, invalidOption } from '../diagnostics/options.js';
import { callerFile } from './call-sites.js';
import { isClass } from './is-class.js';
import type { Decorators, ProfileOptions } from './profile.js';
import type { OwnerSource } from './site.js';

/** What of a class is profiled. */
export interface ProfileAllOptions {
  /** Only these members. Default: all. */
  readonly only?: readonly string[];
  /** Not these members. Default: none. */
  readonly except?: readonly string[];
  /** Static methods too. Default: true. */
  readonly statics?: boolean;
  /** Getters and setters too. Default: false. */
  readonly accessors?: boolean;
  /** As in `profile`. Default: `auto`. */
  readonly context?: ProfileOptions['context'];
}

/** A class decorator for TC39 and legacy compilers. */
// biome-ignore lint/suspicious/noExplicitAny: any class can be decorated
export type ProfileAllDecorator = <C extends abstract new (...args: any[]) => unknown>(
  target: C,
  context?: ClassDecoratorContext<C>,
) => void;

/** Profiles a class's own methods. Properties are read as descriptors, so that no getter runs. */
export type ProfileAll = (options?: ProfileAllOptions) => ProfileAllDecorator;

const OPTIONS = ['only', 'except', 'statics', 'accessors', 'context'] as const;
const NEVER: ReadonlySet<PropertyKey> = new Set(['constructor', 'prototype', 'name', 'length']);

/** Makes the `profileAll` that belongs to a `profile`. */
export function createProfileAll(decorators: Decorators): ProfileAll {
  return (options = {}) => {
    checkOptions(options);
    const { statics = true } = options;
    return function decorate(target) {
      if (typeof target !== 'function') throw invalidOption('profileAll', 'decorated thing', 'a class', target);
      checkMembers(target, options);
      const item = target.name || (callerFile(decorate) ?? 'main');
      decorateMembers(decorators, target.prototype as object, item, options);
      if (statics) decorateMembers(decorators, target, item, options);
    };
  };
}

function checkOptions(options: ProfileAllOptions): void {
  if (typeof options === 'function') throw misuse('OPTION_INVALID', 'profileAll: it is used with parentheses: @profileAll()');
  checkKnownKeys('profileAll', options, OPTIONS);
  const { only, except, statics, accessors, context } = options;
  if (only !== undefined && !Array.isArray(only)) throw invalidOption('profileAll', 'only', 'an array of member names', only);
  if (except !== undefined && !Array.isArray(except)) throw invalidOption('profileAll', 'except', 'an array of member names', except);
  if (statics !== undefined) expectBoolean('profileAll', 'statics', statics);
  if (accessors !== undefined) expectBoolean('profileAll', 'accessors', accessors);
  if (context !== undefined && context !== 'auto' && context !== 'exact')
    throw invalidOption('profileAll', 'context', "'auto' or 'exact'", context);
}

/** Throws for names that no member has: a misspelt one would profile nothing, or what was not to be profiled. */
function checkMembers(target: abstract new (...args: never[]) => unknown, { only = [], except = [] }: ProfileAllOptions): void {
  const holders = [target.prototype as object, target];
  const own = holders.flatMap((holder) => Reflect.ownKeys(holder).filter((key) => !NEVER.has(key))).map(nameOf);
  for (const name of [...only, ...except.filter((name) => holders.every((holder) => !(name in holder)))]) {
    if (own.includes(name)) continue;
    const remedy = 'fields that hold a function are decorated with @profile one by one';
    throw misuse(
      'OPTION_INVALID',
      `profileAll: class ${target.name || '(unnamed)'} has no method '${name}', ${suggestion(name, own)}; ${remedy}`,
    );
  }
}

function nameOf(key: PropertyKey): string {
  return typeof key === 'symbol' ? `[${key.description ?? 'symbol'}]` : String(key);
}

function decorateMembers(decorators: Decorators, holder: object, item: string, options: ProfileAllOptions): void {
  const { only, except = [], accessors = false, context } = options;
  const source: OwnerSource = { kind: 'given', item };
  for (const key of Reflect.ownKeys(holder)) {
    const name = nameOf(key);
    if (NEVER.has(key) || except.includes(name) || (only !== undefined && !only.includes(name))) continue;
    const member = Object.getOwnPropertyDescriptor(holder, key);
    if (member === undefined || member.configurable === false) continue;
    const isMethod = typeof member.value === 'function' && !isClass(member.value as object);
    const isAccessor = member.get !== undefined || member.set !== undefined;
    if (isMethod || (isAccessor && accessors)) {
      Object.defineProperty(holder, key, decorators.decorateDescriptor(member, name, source, context === undefined ? {} : { context }));
    }
  }
}
