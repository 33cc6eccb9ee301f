// `npm start`: compiles the shop of examples/ against the built package and runs it with the arguments given.
import { existsSync } from 'node:fs';
import { compile, root, run } from './run.mjs';

const program = '.cache/programs/examples/shop/main.js';

if (!existsSync(`${root}examples/shop/main.ts`)) {
  console.error('There is no examples/shop/main.ts yet: nothing to start.');
  process.exitCode = 1;
} else if (compile('tsconfig.programs.json')) {
  // Ctrl-C reaches the program as well, and its end is this one's.
  process.on('SIGINT', () => {});
  process.exitCode = run(process.execPath, [program, ...process.argv.slice(2)]);
} else {
  process.exitCode = 1;
}
