import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { comparisonText } from './comparison-text.js';
import { contenders } from './contenders.js';
import { blockedWorker, endingThreads, endingWorkers, type Finding, type Scenario, summaries } from './scenarios.js';
import { type WatchedByPrometheus, watchedByPrometheus } from './watched-by-prometheus.js';

const HELP = `npm run compare [-- options]: what becomes of the counts when workers and threads end or don't answer, in phanos and in other libraries.

  --short        without a real Prometheus
  --json FILE    writes the findings to a file as well
  --help         this text`;

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false } },
});

if (values.help) console.log(HELP);
else await compare(values.short ? undefined : watchedByPrometheus, values.json);

async function compare(watch: WatchedByPrometheus | undefined, json: string | undefined): Promise<void> {
  const all = await contenders();
  const scenarios: Scenario[] = [endingWorkers(watch), blockedWorker, summaries, endingThreads];
  const findings: Finding[][] = all.map(() => []);
  // One situation after the other, all libraries at the same time: most of it is waiting.
  for (const scenario of scenarios) {
    const found = await Promise.all(all.map(scenario));
    for (const [i, each] of found.entries()) findings[i]?.push(...each);
  }
  console.log(`Node.js ${process.version} (${all.find(({ node }) => node !== process.execPath)?.name} on another one, which it needs)`);
  console.log(comparisonText(all, findings));
  if (json !== undefined) {
    const libraries = all.map(({ name, version }, i) => ({ name, version, findings: findings[i] }));
    writeFileSync(json, `${JSON.stringify({ node: process.version, cores: availableParallelism(), libraries }, undefined, 2)}\n`);
  }
}
