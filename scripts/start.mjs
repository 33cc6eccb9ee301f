// `npm start`: compiles examples/ against the built package and runs the shop with the arguments given, in this very process, so that signals
// and the exit code are its own.
import { compile } from './run.mjs';

if (compile('examples/tsconfig.json')) {
  process.setSourceMapsEnabled(true);
  await import(new URL('../.cache/examples/shop/main.js', import.meta.url));
} else {
  process.exitCode = 1;
}
