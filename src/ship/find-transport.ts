import { PhanosError } from '../diagnostics/phanos-error.js';
import { AMQP_SCHEME, type CollectorOption } from './collector-option.js';
import { readHttpAddress } from './http-address.js';
import { LazyTransport } from './lazy-transport.js';
import { MessageTransport } from './message-transport.js';
import { HEARTBEAT, type Transport } from './transport.js';
import { roadOfWorker } from './worker-pipes.js';

/**
 * The way to a collector elsewhere; undefined if it is in this process.
 *
 * @param token for a collector that asks for one
 */
export function findTransport(collector: Exclude<CollectorOption, 'off'>, token: string | undefined): Transport | undefined {
  if (typeof collector !== 'string') return collector;
  if (collector === 'local') return undefined;
  if (collector === 'auto') {
    const road = roadOfWorker();
    return road === undefined ? undefined : new MessageTransport(road.to, road.pipe, road.remedy);
  }
  return AMQP_SCHEME.test(collector) ? overAmqp(collector) : overHttp(collector, token);
}

function overHttp(collector: string, token: string | undefined): Transport {
  const address = readHttpAddress(collector, token);
  return new LazyTransport({
    name: address.name,
    heartbeat: HEARTBEAT,
    load: async () => new (await import('./http-transport.js')).HttpTransport(address),
  });
}

function overAmqp(collector: string): Transport {
  return new LazyTransport({
    name: collector.replace(/\/\/[^/]*@/, '//'),
    heartbeat: 30_000,
    load: async () => {
      const remedy = "give the address of a `phanos collect` instead: 'http://host:9464' or 'unix:/path'";
      throw new PhanosError('COLLECTOR_UNAVAILABLE', `this version can't hand over series through RabbitMQ; ${remedy}`);
    },
  });
}
