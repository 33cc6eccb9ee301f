// `npm run compare`: compiles benchmarks/ against the built package and runs the comparison with other libraries.
import { compile, run } from './run.mjs';

const program = '.cache/programs/benchmarks/comparison/main.js';
process.exitCode = compile('tsconfig.programs.json') ? run(process.execPath, [program, ...process.argv.slice(2)]) : 1;
