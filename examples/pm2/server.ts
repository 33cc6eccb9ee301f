import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { profiler } from 'phanos';
import { Greeter } from '../greeter.js';

/** A server as PM2 runs it, in cluster or fork mode. Nothing in it knows of PM2: the collector is in the environment. */

profiler.config({ job: 'greeter', closeOn: ['SIGINT'] }); // with SIGINT PM2 stops and reloads

const greeter = new Greeter();
const server = createServer((request, response) => {
  greeter.greet(request.url?.slice(1) ?? '').then(
    (greeting) => response.end(greeting),
    () => response.writeHead(500).end(),
  );
});
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`${process.pid} http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
