import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { Broker } from './broker.js';
import { newFolder } from './project.js';

/** Where test files ask for the broker that they share: path of a unix socket. */
declare module 'vitest' {
  export interface ProvidedContext {
    readonly brokerDesk: string;
  }
}

/**
 * Global set-up of a test run: one RabbitMQ for all files that need one and don't stop it. It is started when the first one asks, since a start takes
 * 5 to 19 s and most runs need none, and ends with the run.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await newFolder();
  const path = join(folder, 'desk.sock');
  let broker: Promise<Broker> | undefined;
  let vhosts = 0;
  const ask = async (): Promise<string> => {
    broker ??= Broker.start();
    const name = `test-${++vhosts}`;
    return (await broker).addVhost(name);
  };
  const server = createServer((_request, response) => {
    ask().then(
      (url) => response.end(url),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await listen(server, path);
  project.provide('brokerDesk', path);
  return async () => {
    server.close();
    await (await broker?.catch(() => undefined))?.remove();
    await rm(folder, { recursive: true, force: true });
  };
}

async function listen(server: Server, path: string): Promise<void> {
  server.listen(path);
  server.unref();
  await once(server, 'listening');
}
