import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { nodeMajors, nodeProgram } from '../support/node-versions.js';

/** How many storages are in use. */
const stdout = `\
imported: 0
asynchronous calls before config: 0
configured: 0
synchronous calls: 0
synchronous calls with a gauge: 0
synchronous calls with a handler: 1
synchronous calls with a hook: 1
without them: 0
an asynchronous call: 1
more calls: 1
entered by synchronous calls: 0
another profiler: 2
the other one closed: 1
closed: 0
calls that outlived it have ended: 0
calls after close: 0
nobody listens: 0
configured again: 1
closed again: 0
`;

let fixture: CompiledFixture;
beforeAll(async () => {
  fixture = await compileFixture('test/profile/fixtures/storages.ts', { decorators: 'tc39' });
});
afterAll(() => fixture?.remove());

test.each(nodeMajors)(
  'on Node.js %i an AsyncLocalStorage is in use only from the first asynchronous call, handler or hook to close()',
  async (major) => {
    expect(await fixture.run({ node: await nodeProgram(major) })).toEqual({ code: 0, stdout, stderr: '' });
  },
);
