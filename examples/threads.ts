import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { profile, profiler } from 'phanos';

/** A sum that several threads work out together. What each of them measures is in the main thread's metrics. */

const THREADS = 3;

profiler.config({ job: 'primes' });

const isPrime = profile('primes:isPrime', (n: number): boolean => {
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return n > 1;
});

const countPrimes = profile('primes:count', (from: number, to: number): number => {
  let count = 0;
  for (let n = from; n < to; n++) if (isPrime(n)) count++;
  return count;
});

if (isMainThread) {
  const counts = await Promise.all(
    Array.from({ length: THREADS }, async (_, i) => {
      const thread = new Worker(new URL(import.meta.url), { workerData: { from: i * 1000, to: (i + 1) * 1000 } });
      const [count] = (await once(thread, 'message')) as [number];
      await once(thread, 'exit');
      return count;
    }),
  );
  console.log(`${counts.reduce((sum, count) => sum + count, 0)} primes below ${THREADS * 1000}`);
  const text = await profiler.metrics();
  console.log(text.match(/^phanos_time_profiler_seconds_count.*$/gm)?.join('\n'));
} else {
  const { from, to } = workerData as { readonly from: number; readonly to: number };
  parentPort?.postMessage(countPrimes(from, to));
  // A thread that ends by itself hands over what it has; this waits until that has arrived.
  await profiler.close();
}
