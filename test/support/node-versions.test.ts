import { expect, test, vi } from 'vitest';
import { nodeMajors, nodeProgram } from './node-versions.js';
import { outputOf } from './run-program.js';

const running = Number(process.versions.node.split('.')[0]);

test('a variable that names another version is an error that says so', async () => {
  const major = nodeMajors.find((candidate) => candidate !== running) ?? 20;
  vi.stubEnv(`PHANOS_TEST_NODE_${major}`, process.execPath);
  await expect(nodeProgram(major)).rejects.toThrow(
    `PHANOS_TEST_NODE_${major} gave ${process.execPath}, which is Node.js ${process.version} instead of ${major}`,
  );
});

// The first run on a machine may have to fetch them.
test.each(nodeMajors)('there is a Node.js %i', { timeout: 330_000 }, async (major) => {
  vi.unstubAllEnvs();
  vi.resetModules();
  const fresh = await import('./node-versions.js');
  expect(await outputOf(await fresh.nodeProgram(major), ['--print', 'process.versions.node'])).toMatch(new RegExp(`^${major}\\.`));
});
