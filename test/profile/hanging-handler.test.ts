import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';

let fixture: CompiledFixture;
beforeAll(async () => {
  fixture = await compileFixture('test/profile/fixtures/hanging-handler.ts', { decorators: 'tc39' });
});
afterAll(() => fixture?.remove());

test.concurrent.each([
  ['nothing', '0', /^$/],
  ['flush', '8', /has not settled handle for 8 s/],
  ['close', '8', /has not settled handle for 8 s/],
])(
  'a program whose handler hangs and that waits for %s goes on after %s s, and ends',
  { timeout: 40_000 },
  async (waiting, seconds, told) => {
    const { code, stdout, stderr } = await fixture.run({ args: [waiting], within: 30_000 });
    expect([code, stdout]).toEqual([0, `${waiting} ${seconds}\n`]);
    expect(stderr).toMatch(told);
  },
);
