/** Classes of the language, of Node.js and of V8; frozen functions have a fixed prototype too. */
const CLASS = /^class\b|\{\s*\[native code\]\s*\}$/;

/** True for classes: nobody can give them another prototype. */
export function isClass(fn: object): boolean {
  if (Object.getOwnPropertyDescriptor(fn, 'prototype')?.writable !== false) return false;
  return CLASS.test(Function.prototype.toString.call(fn));
}
