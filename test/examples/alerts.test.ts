import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { newFolder, root } from '../support/project.js';
import { Prometheus } from '../support/prometheus.js';
import { outputOf } from '../support/run-program.js';
import { ShopProcess } from './shop-process.js';

/** A Prometheus with the configuration that `phanos prometheus` writes watches the shop, whose workers are killed and whose methods are slow for it. */

let shop: ShopProcess;
let prometheus: Prometheus;

beforeAll(async () => {
  shop = await ShopProcess.start(['--port', '0', '--kill-workers', '2', '--rate', '200']);
  const { metricsUrl } = await shop.opened();
  const folder = await newFolder();
  const target = new URL(metricsUrl).host;
  const args = ['prometheus', '--out', folder, '--target', target, '--interval', '1', '--slow-seconds', '0.0001', '--hold-seconds', '2'];
  await outputOf(process.execPath, [join(root, 'dist/esm/cli/main.js'), ...args]);
  prometheus = await Prometheus.startIn(folder);
}, 330_000);
afterAll(async () => {
  await prometheus.stop();
  await shop.remove();
}, 60_000);

test('the rules tell of workers that die and of methods that are slow, and of nothing that is well', { timeout: 90_000 }, async () => {
  const firing = async (alert: string): Promise<Readonly<Record<string, string>>[]> => {
    const samples = await prometheus.query(`ALERTS{alertname="${alert}",alertstate="firing"}`);
    return samples.map(({ metric }) => metric);
  };
  const died = await eventually('the alert of dead workers fires', async () => (await firing('PhanosWorkerDied'))[0], 60_000);
  expect(died).toMatchObject({ cause: 'exit', severity: 'warning' });
  const slow = await eventually(
    'the alert of slow methods fires for each method that is called enough',
    async () => {
      const methods = await firing('PhanosMethodSlow');
      return methods.length > 3 ? methods : undefined;
    },
    60_000,
  );
  expect(slow.every((labels) => labels.job === 'phanos' && labels.function !== undefined)).toBe(true);
  for (const alert of ['PhanosRowsRefused', 'PhanosTooManySeries']) expect(await firing(alert)).toEqual([]);
});
