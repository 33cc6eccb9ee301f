import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { amqp } from './amqp.js';
import { asyncCall } from './async-call.js';
import { serveBatchSender } from './batch-sender.js';
import { cluster } from './cluster.js';
import { type ClusterLibrary, serveClusterWorker } from './cluster-worker.js';
import { collector } from './collector.js';
import { consumption } from './consumption.js';
import { type Effort, FULL_EFFORT, type Group, measureGroup, QUICK_EFFORT, serveCase } from './harness.js';
import { idleWrapper } from './idle-wrapper.js';
import { instruments } from './instruments.js';
import { memory } from './memory.js';
import { serveReading } from './reader.js';
import { recordsLane } from './records-lane.js';
import { render } from './render.js';
import { isWithin, measureOf, type Row, tableText } from './row.js';
import { sharedCallee } from './shared-callee.js';
import { sketches } from './sketches.js';
import { syncCallGroups } from './sync-call.js';
import { wire } from './wire.js';

const GROUPS: readonly Group[] = [
  ...syncCallGroups,
  sharedCallee,
  asyncCall,
  idleWrapper,
  instruments,
  sketches,
  recordsLane,
  render,
  cluster,
  wire,
  collector,
  memory,
  amqp,
  consumption,
];

/** Groups that need more than this package, and are measured only when they are named. */
const ON_REQUEST = new Set([amqp.name, consumption.name]);

const HELP = `npm run bench [-- options] [groups]: what phanos costs, beside the floor and beside other libraries, against the budgets.

  --quick        fewer and shorter rounds
  --json FILE    writes all figures to a file as well
  --help         this text

Without groups, all of them: ${names(false)}. Only by name, since it starts a RabbitMQ: ${names(true)}.`;

function names(onRequest: boolean): string {
  return GROUPS.map(({ name }) => name)
    .filter((name) => ON_REQUEST.has(name) === onRequest)
    .join(', ');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
    // What the programs started from here are told: to measure one case of a group, to read a scrape, or to be a worker.
    case: { type: 'string', multiple: true },
    effort: { type: 'string' },
    read: { type: 'string' },
    'cluster-worker': { type: 'string' },
    'batch-sender': { type: 'string' },
  },
});

if (values.help) console.log(HELP);
else if (values.read !== undefined) serveReading(values.read);
else if (values['cluster-worker'] !== undefined) await serveClusterWorker(values['cluster-worker'] as ClusterLibrary);
else if (values['batch-sender'] !== undefined) await serveBatchSender(values['batch-sender']);
else if (values.case !== undefined) await measureCase(values.case, JSON.parse(values.effort ?? '') as Effort);
else await bench(values.quick ? QUICK_EFFORT : FULL_EFFORT, positionals, values.json);

async function measureCase([groupName, caseName]: readonly string[], effort: Effort): Promise<void> {
  const make = GROUPS.find(({ name }) => name === groupName)?.cases[caseName ?? ''];
  if (make === undefined) throw new Error(`there is no case '${caseName}' in '${groupName}'`);
  await serveCase(make, effort);
}

async function bench(effort: Effort, only: readonly string[], json: string | undefined): Promise<void> {
  const unknown = only.find((name) => !GROUPS.some((group) => group.name === name));
  if (unknown !== undefined) {
    console.error(`There is no group '${unknown}'.\n\n${HELP}`);
    process.exitCode = 1;
    return;
  }
  const rows: Row[] = [];
  const failures: string[] = [];
  for (const group of GROUPS) {
    if (only.length > 0 ? !only.includes(group.name) : ON_REQUEST.has(group.name)) continue;
    if (process.stderr.isTTY) process.stderr.write(`\rmeasuring ${group.name} …\u001b[K`);
    try {
      const best = await measureGroup(group, effort);
      rows.push(...group.rows((name, figure = 'ns') => best.get(name)?.[figure] ?? Number.NaN));
    } catch (error) {
      failures.push(`${group.name} could not be measured: ${(error as Error).message}`);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const machine = `Node.js ${process.version}, ${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown make'}`;
  console.log(
    `${machine}. CPU time, best of ${effort.processes * effort.rounds} rounds that take turns, each case in a process of its own.`,
  );
  console.log(
    `Peers: prom-client 15, OpenTelemetry's sdk-trace-base 2; for rendering also prom-client's successor, @prometheus-io/client 0.16, on Node.js 24.\n`,
  );
  console.log(tableText(rows));
  for (const failure of failures) console.log(`\n${failure}`);
  const judged = rows.map(isWithin).filter((within) => within !== undefined);
  if (json !== undefined) {
    const figures = rows.map((row) => ({ ...row, measure: measureOf(row), within: isWithin(row) }));
    writeFileSync(json, `${JSON.stringify({ node: process.version, machine, effort, failures, rows: figures }, undefined, 2)}\n`);
  }
  console.log(`\n${judged.filter((within) => within).length} of ${judged.length} rows within budget`);
  if (failures.length > 0) process.exitCode = 1;
}
