import { profiler } from 'phanos';
import { Ending } from './ending.js';
import { temporaryFolder } from './folder.js';
import { Load } from './load/load.js';
import type { ShopOptions } from './options.js';
import { ShopServer } from './service/server.js';
import { Shop } from './service/shop.js';
import type { Terminal } from './terminal.js';
import { report } from './watch/report.js';
import { readMetrics, Watch } from './watch/watch.js';

/**
 * Opens the shop, puts it under load until the end comes, and closes it again: first the load, then the shop, then the profiler.
 *
 * @returns whether phanos counted what was sent
 */
export async function run(
  { seconds, port, shopPort, rate, requests, connections, seed }: ShopOptions,
  terminal: Terminal,
): Promise<boolean> {
  const ending = new Ending();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    // These two calls are all that it takes to profile the shop; everything else here belongs to the demonstration.
    profiler.config({ job: 'shop' });
    const metrics = await profiler.serve({ port });
    closing.push(() => profiler.close());

    const { load, supplierUrl } = await Load.fork();
    closing.push(() => load.end());
    const server = new ShopServer(new Shop({ folder: temporaryFolder(), supplierUrl }).router);
    const url = await server.listen(shopPort);
    closing.push(() => server.close());

    terminal.write(`shop      ${url}`);
    terminal.write(`metrics   ${metrics.url}/metrics`);
    terminal.write(`load      ${rate} requests/s over ${connections} connections, from process ${load.pid}`);
    terminal.write(seconds === undefined ? 'Ctrl-C ends it.\n' : `It ends in ${seconds} s, or by Ctrl-C.\n`);

    const watch = new Watch(`${metrics.url}/metrics`, terminal.liveView());
    closing.push(() => watch.stop());
    load.start({ url, rate, requests, connections, seed });
    if (seconds !== undefined) ending.after(seconds);
    await Promise.race([ending.come, load.broken]);

    const watched = await watch.stop();
    const { tally, late } = await load.stop();
    await server.close();
    const calls = await readMetrics(`${metrics.url}/metrics`);
    const { lines, agrees } = report({
      seconds: watched,
      calls,
      load: tally,
      late,
      visitors: server.visitors,
      faults: server.faults,
      refused: profiler.diagnostics(),
    });
    for (const line of lines) terminal.writeLine(line);
    return agrees;
  } finally {
    for (const close of closing.reverse()) await close();
    ending.close();
  }
}
