import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Trouble } from '../trouble.js';

/** Milliseconds after which a scrape is given up. */
const PATIENCE = 5000;

/** What an address answers, read as Prometheus would: over HTTP. Not by `fetch`, which refuses some ports. */
export async function textOf(url: string): Promise<string> {
  const outgoing = get(url, { agent: false, signal: AbortSignal.timeout(PATIENCE) });
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Trouble(`${url} answered ${response.statusCode}`);
  return text(response);
}
