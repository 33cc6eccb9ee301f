import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { legacy, members, tc39 } from '../fixtures/decorators/expected.js';
import { type CompiledFixture, compileFixture, type DecoratorMode } from '../support/compile-fixture.js';
import { nodeMajors, nodeProgram } from '../support/node-versions.js';

const programs: [DecoratorMode, string, string][] = [
  ['tc39', 'tc39', members + tc39],
  ['legacy-metadata', 'legacy', members + legacy],
];

describe.each(programs)('%s decorators', (decorators, name, stdout) => {
  let fixture: CompiledFixture;
  beforeAll(async () => {
    fixture = await compileFixture(`test/fixtures/decorators/${name}.ts`, { decorators });
  });
  afterAll(() => fixture?.remove());

  test.each(nodeMajors)('on Node.js %i every member has its place in the call tree', { timeout: 60_000 }, async (major) => {
    expect(await fixture.run({ node: await nodeProgram(major) })).toEqual({ code: 0, stdout, stderr: '' });
  });
});

test('compiled to CommonJS, decorated members have the same places', { timeout: 60_000 }, async () => {
  const fixture = await compileFixture('test/fixtures/decorators/tc39.ts', { decorators: 'tc39', format: 'cjs' });
  try {
    expect(await fixture.run()).toEqual({ code: 0, stdout: members + tc39, stderr: '' });
  } finally {
    await fixture.remove();
  }
});
