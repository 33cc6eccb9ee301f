import { profiler } from 'phanos';
import { Ending } from './ending.js';
import type { HouseOptions, OpenShop, WorkerDeath } from './house/open-shop.js';
import { Workers } from './house/workers.js';
import { Load } from './load/load.js';
import type { ShopOptions } from './options.js';
import type { Terminal } from './terminal.js';
import { readCalls } from './watch/calls.js';
import { report } from './watch/report.js';
import { reportedDeaths } from './watch/samples.js';
import { textOf, Watch } from './watch/watch.js';

/**
 * Opens the shop, puts it under load until the end comes, and closes it again: first the load, then the shop, then the profiler.
 *
 * @returns whether phanos counted what was sent
 */
export async function run(options: ShopOptions, terminal: Terminal): Promise<boolean> {
  const { seconds, port, shopPort, workers, killWorkers, rate, requests, connections, seed } = options;
  const ending = new Ending();
  const closing: (() => unknown)[] = [];
  try {
    // These two calls are all that it takes to collect from all workers and to serve; everything else here belongs to the demonstration.
    profiler.config({ job: 'shop' });
    const metrics = await profiler.serve({ port });
    closing.push(() => profiler.close());

    const { load, supplierUrl } = await Load.fork();
    closing.push(() => load.end());
    const shop = await open({ workers, port: shopPort, supplierUrl }, (death) => load.died(death));
    closing.push(() => shop.close());

    terminal.write(`shop      ${shop.url}`);
    terminal.write(`workers   ${workersText(shop)}`);
    terminal.write(`metrics   ${metrics.url}/metrics`);
    terminal.write(`load      ${rate} requests/s over ${connections} connections, from process ${load.pid}`);
    if (killWorkers !== undefined) terminal.write(`kills     the worker that runs longest, by SIGKILL, every ${killWorkers} s`);
    terminal.write(seconds === undefined ? 'Ctrl-C ends it.\n' : `It ends in ${seconds} s, or by Ctrl-C.\n`);

    const watch = new Watch(`${metrics.url}/metrics`, terminal.liveView(), () => shop.workers);
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
      calls: readCalls(await textOf(`${metrics.url}/metrics`)),
      load: tally,
      late,
      visitors: ledger.visitors,
      atRisk: [atRisk, ledger.atRisk],
      faults: ledger.faults,
      refused: [...refused, ...profiler.diagnostics()],
      deaths: {
        workers: shop.workers.reduce((sum, worker) => sum + worker.deaths, 0),
        reported: reportedDeaths(await textOf(`${metrics.url}/-/metrics`)),
      },
    });
    for (const line of lines) terminal.writeLine(line);
    return agrees;
  } finally {
    for (const close of closing.reverse()) await close();
    ending.close();
  }
}

async function open(options: HouseOptions, onDeath: (death: WorkerDeath) => void): Promise<OpenShop> {
  if (options.workers > 0) return Workers.open(options, onDeath);
  // Its methods and metrics are registered when it is loaded, and a primary has none.
  const { OneProcess } = await import('./house/one-process.js');
  return OneProcess.open(options);
}

function workersText({ workers }: OpenShop): string {
  if (workers.length === 0) return `none: the shop is in process ${process.pid}, which collects and serves as well`;
  return `${workers.length} that share its port: process ${workers.map(({ pid }) => pid).join(', ')}; ${process.pid} collects from them`;
}
