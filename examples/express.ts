import type { AddressInfo } from 'node:net';
import express from 'express';
import { profiler } from 'phanos';
import { Greeter } from './greeter.js';

/** The metrics of an Express application, on its own port. */

profiler.config({ job: 'greeter' });
const greeter = new Greeter();

const app = express();
app.get('/metrics', profiler.metricsHandler);
app.get('/greet/:name', async (request, response) => {
  response.type('text').send(await greeter.greet(request.params.name));
});

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.once('SIGTERM', () => {
  server.close(() => void profiler.close());
  server.closeIdleConnections();
});
