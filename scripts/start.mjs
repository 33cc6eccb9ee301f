// `npm start`: compiles examples/ against the built package and runs the shop with the arguments given, in this very process, so that signals
// and the exit code are its own.
import { compile, root } from './run.mjs';

if (compile('examples/tsconfig.json')) {
  process.setSourceMapsEnabled(true);
  await import(`${root}.cache/examples/examples/shop/main.js`);
} else {
  process.exitCode = 1;
}
