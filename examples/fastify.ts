import fastify from 'fastify';
import { profiler } from 'phanos';
import { Greeter } from './greeter.js';

/** The metrics of a Fastify application, on its own port. phanos writes its own troubles to the application's log. */

const app = fastify({ logger: { level: 'warn' } });
profiler.config({ job: 'greeter', logger: app.log });
const greeter = new Greeter();

app.get('/metrics', profiler.metricsHandler);
app.get<{ Params: { name: string } }>('/greet/:name', (request) => greeter.greet(request.params.name));
app.addHook('onClose', () => profiler.close());

console.log(await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' }));
process.once('SIGTERM', () => void app.close());
