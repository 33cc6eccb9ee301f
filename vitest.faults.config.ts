import { defineConfig } from 'vitest/config';
import ordinary from './vitest.config.js';

/** `npm run test:faults`: processes, brokers and disks that fail, one file at a time, so that each has the machine for itself. */
export default defineConfig({
  ...ordinary,
  test: { ...ordinary.test, include: ['test/**/*.faults.ts'], fileParallelism: false, testTimeout: 120_000 },
});
