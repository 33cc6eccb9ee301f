import 'phanos/primary';
import cluster from 'node:cluster';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { profiler } from 'phanos';
import { Greeter } from './greeter.js';

/** A server of several workers. Its primary only forks, and starts a worker anew that has died; the line at the top is all that it needs. */

const WORKERS = Number(process.env.WORKERS ?? 4);

if (cluster.isPrimary) {
  for (let i = 0; i < WORKERS; i++) cluster.fork();
  cluster.on('exit', (_worker, _code, signal) => {
    if (signal !== 'SIGTERM') cluster.fork();
  });
  process.once('SIGTERM', () => {
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGTERM');
  });
} else {
  profiler.config({ job: 'greeter', closeOn: ['SIGTERM'] });
  // Each worker asks for it, the first one is heard: there is one address for all of them.
  const { url } = await profiler.serve({ port: Number(process.env.METRICS_PORT ?? 9464) });

  const greeter = new Greeter();
  const server = createServer((request, response) => {
    greeter.greet(request.url?.slice(1) ?? '').then(
      (greeting) => response.end(greeting),
      () => response.writeHead(500).end(),
    );
  });
  server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
    console.log(`${process.pid} http://127.0.0.1:${(server.address() as AddressInfo).port} ${url}/metrics`);
  });
}
