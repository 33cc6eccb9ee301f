// `npm run bench`: compiles benchmarks/ against the built package and runs its main file with the arguments given.
import { existsSync } from 'node:fs';
import { compile, root, run } from './run.mjs';

const program = '.cache/programs/benchmarks/main.js';

if (!existsSync(`${root}benchmarks/main.ts`)) {
  console.error('There is no benchmarks/main.ts yet: nothing to measure.');
  process.exitCode = 1;
} else {
  process.exitCode = compile('tsconfig.programs.json') ? run(process.execPath, ['--expose-gc', program, ...process.argv.slice(2)]) : 1;
}
