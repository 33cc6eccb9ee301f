import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // No Node.js runs TC39 decorators yet, and esbuild writes them out for any target older than `esnext`.
  esbuild: { target: 'es2023' },
  resolve: { alias: [{ find: /^phanos$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/broker-desk.ts'],
    // Most of the time goes into waiting for processes and brokers: two files at a time take 60 % of the time of one after the other.
    maxWorkers: 2,
    testTimeout: 10_000,
    hookTimeout: 60_000,
  },
});
