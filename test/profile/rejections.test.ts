import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { nodeMajors, nodeProgram } from '../support/node-versions.js';

/** Each scenario runs twice; a line says whether reason and promise are those that the program knows. */
const heard = `\
nobody handles what rejects at once
unhandled rejected true true
unhandled rejected true true
nobody handles what rejects later
unhandled rejected true true
unhandled rejected true true
nobody handles a rejected promise
unhandled rejected true true
unhandled rejected true true
nobody handles a nested one
unhandled rejected true true
unhandled rejected true true
nobody handles one inside
unhandled rejected true true
unhandled rejected true true
nobody handles one inside of a synchronous call
unhandled rejected true true
unhandled rejected true true
nobody handles an async generator
unhandled rejected true true
unhandled rejected true true
handled by catch
handled by await
handled by Promise.allSettled
handled in a for await
handled later
unhandled rejected true true
handled late
unhandled rejected true true
handled late
exit
`;

let fixture: CompiledFixture;
beforeAll(async () => {
  fixture = await compileFixture('test/profile/fixtures/rejections.ts', { decorators: 'tc39' });
});
afterAll(() => fixture?.remove());

describe.each(nodeMajors)('on Node.js %i', (major) => {
  test.each(['plain', 'not configured', 'counting', 'recording', 'hooked', 'exact'])(
    '%s: each rejection is heard as if nothing were profiled',
    { timeout: 30_000 },
    async (mode) => {
      expect(await fixture.run({ node: await nodeProgram(major), args: [mode] })).toEqual({ code: 0, stdout: heard, stderr: '' });
    },
  );
});
