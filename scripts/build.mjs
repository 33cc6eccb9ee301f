// Builds src/ twice, as ES modules into dist/esm and as CommonJS into dist/cjs, each with its declarations.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { compile, root } from './run.mjs';

rmSync(`${root}dist`, { recursive: true, force: true });
for (const [format, type] of [
  ['esm', 'module'],
  ['cjs', 'commonjs'],
]) {
  mkdirSync(`${root}dist/${format}`, { recursive: true });
  writeFileSync(`${root}dist/${format}/package.json`, `${JSON.stringify({ type })}\n`);
  if (!compile(`tsconfig.${format}.json`)) process.exitCode = 1;
}
