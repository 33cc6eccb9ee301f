// Carries the version of package.json into src/version.ts; npm runs it at `npm version`.
import { readFileSync, writeFileSync } from 'node:fs';
import { root } from './run.mjs';

const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const path = `${root}src/version.ts`;
writeFileSync(path, readFileSync(path, 'utf8').replace(/'[^']*'/, `'${version}'`));
