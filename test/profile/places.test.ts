import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { nodeMajors, nodeProgram } from '../support/node-versions.js';

/** Node.js 20 and 22 carry an AsyncLocalStorage by async hooks, later ones by the engine itself; programs must not notice. */
const stdout = `\
await, awaited | m:plain m:plain.leaf m:plain.leaf m:root m:root.leaf m:root.leaf
a chain, awaited | m:plain m:plain.leaf m:root m:root.leaf
Promise.all, awaited | m:plain m:plain.leaf m:plain.leaf m:root m:root.leaf m:root.leaf
timers, awaited | m:plain m:plain.leaf m:root m:root.leaf
promisify, awaited | m:plain m:plain.leaf m:root m:root.leaf
once, awaited | m:plain m:plain.leaf m:root m:root.leaf
pipeline, awaited | m:plain m:plain.leaf m:plain.leaf m:root m:root.leaf m:root.leaf
AsyncResource, awaited | m:plain m:plain.leaf m:root m:root.leaf
setTimeout, auto | m:leaf m:leaf m:root.leaf
setImmediate, auto | m:leaf m:leaf m:root.leaf
process.nextTick, auto | m:leaf m:leaf m:root.leaf
queueMicrotask, auto | m:leaf m:leaf m:root.leaf
promise, auto | m:leaf m:leaf m:root.leaf
async function, auto | m:leaf m:leaf m:root.leaf
callback, auto | m:leaf m:leaf m:root.leaf
emitter, auto | m:leaf m:leaf m:root.leaf
setTimeout, exact | m:root.start.leaf m:start.leaf m:start.leaf
setImmediate, exact | m:root.start.leaf m:start.leaf m:start.leaf
process.nextTick, exact | m:root.start.leaf m:start.leaf m:start.leaf
queueMicrotask, exact | m:root.start.leaf m:start.leaf m:start.leaf
promise, exact | m:root.start.leaf m:start.leaf m:start.leaf
async function, exact | m:root.start.leaf m:start.leaf m:start.leaf
callback, exact | m:root.start.leaf m:start.leaf m:start.leaf
emitter, exact | m:root.start.leaf m:start.leaf m:start.leaf
random programs | 100
`;

let fixture: CompiledFixture;
beforeAll(async () => {
  fixture = await compileFixture('test/profile/fixtures/places.ts', { decorators: 'tc39' });
});
afterAll(() => fixture?.remove());

test.each(nodeMajors)('on Node.js %i calls have the same places in the call tree', { timeout: 60_000 }, async (major) => {
  expect(await fixture.run({ node: await nodeProgram(major) })).toEqual({ code: 0, stdout, stderr: '' });
});
