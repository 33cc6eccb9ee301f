import { hostname } from 'node:os';
import { profiler } from 'phanos';
import { FLUSH_INTERVAL } from './at-risk.js';
import { Ending } from './ending.js';
import type { HouseOptions, OpenShop, WorkerDeath } from './house/open-shop.js';
import { Workers } from './house/workers.js';
import { Load } from './load/load.js';
import type { ShopOptions } from './options.js';
import type { Terminal } from './terminal.js';
import { type Numbers, numbersElsewhere, numbersHere } from './watch/numbers.js';
import { report } from './watch/report.js';
import { Watch } from './watch/watch.js';

/**
 * Opens the shop, puts it under load until the end comes, and closes it again: first the load, then the shop, then the profiler.
 *
 * @returns whether phanos counted what was sent
 */
export async function run(options: ShopOptions, terminal: Terminal): Promise<boolean> {
  const { seconds, shopPort, workers, killWorkers, rate, requests, connections, seed } = options;
  const ending = new Ending();
  const closing: (() => unknown)[] = [];
  try {
    closing.push(() => profiler.close());
    const numbers = await openNumbers(options);

    const { load, supplierUrl } = await Load.fork();
    closing.push(() => load.end());
    const shop = await open({ workers, port: shopPort, supplierUrl }, (death) => load.died(death));
    closing.push(() => shop.close());

    terminal.write(`shop      ${shop.url}`);
    terminal.write(`workers   ${workersText(shop, options)}`);
    terminal.write(`metrics   ${numbers.where}`);
    terminal.write(`load      ${rate} requests/s over ${connections} connections, from process ${load.pid}`);
    if (killWorkers !== undefined) terminal.write(`kills     the worker that runs longest, by SIGKILL, every ${killWorkers} s`);
    terminal.write(seconds === undefined ? 'Ctrl-C ends it.\n' : `It ends in ${seconds} s, or by Ctrl-C.\n`);

    const watch = new Watch(numbers, terminal.liveView(), () => shop.workers);
    closing.push(() => watch.stop());
    load.start({ url: shop.url, rate, requests, connections, seed });
    const killing = killWorkers === undefined ? undefined : setInterval(() => shop.killOldest(), killWorkers * 1000);
    closing.push(() => clearInterval(killing));
    if (seconds !== undefined) ending.after(seconds);
    await Promise.race([ending.come, load.broken, shop.broken]);

    clearInterval(killing);
    const watched = await watch.stop();
    const { tally, atRisk, late } = await load.stop();
    const refused = await shop.close();
    const { ledger } = shop;
    const { lines, agrees } = report({
      seconds: watched,
      calls: await numbers.read(),
      where: numbers.where,
      load: tally,
      late,
      visitors: ledger.visitors,
      atRisk: [atRisk, ledger.atRisk],
      faults: ledger.faults,
      refused: [...refused, ...profiler.diagnostics()],
      deaths: {
        workers: shop.workers.reduce((sum, worker) => sum + worker.deaths, 0),
        reported: await numbers.deaths(),
      },
    });
    for (const line of lines) terminal.writeLine(line);
    return agrees;
  } finally {
    for (const close of closing.reverse()) await close();
    ending.close();
  }
}

/** The first two calls are all that it takes to collect from all workers and to serve; everything else belongs to the demonstration. */
async function openNumbers({ collector, port }: ShopOptions): Promise<Numbers> {
  if (collector === undefined) {
    profiler.config({ job: 'shop' });
    const { url } = await profiler.serve({ port });
    return numbersHere(url);
  }
  // The collector may know of earlier runs on this machine, and of others. Workers inherit the name, and reach the collector through this process.
  process.env.PHANOS_INSTANCE ??= `${hostname()}-${process.pid}`;
  profiler.config({ job: 'shop', flushInterval: FLUSH_INTERVAL, collector });
  await profiler.ready();
  return numbersElsewhere(collector, process.env.PHANOS_INSTANCE);
}

async function open(options: HouseOptions, onDeath: (death: WorkerDeath) => void): Promise<OpenShop> {
  if (options.workers > 0) return Workers.open(options, onDeath);
  // Its methods and metrics are registered when it is loaded, and a primary has none.
  const { OneProcess } = await import('./house/one-process.js');
  return OneProcess.open(options);
}

function workersText({ workers }: OpenShop, { collector }: ShopOptions): string {
  const { pid } = process;
  if (workers.length === 0)
    return `none: the shop is in process ${pid}${collector === undefined ? ', which collects and serves as well' : ''}`;
  const role = collector === undefined ? 'collects from them' : 'hands on what they count';
  return `${workers.length} that share its port: process ${workers.map((worker) => worker.pid).join(', ')}; ${pid} ${role}`;
}
