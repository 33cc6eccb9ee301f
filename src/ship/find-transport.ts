import { brokerAddress, readBrokerUrl } from '../record/broker-address.js';
import { AMQP_SCHEME, type CollectorOption } from './collector-option.js';
import { readHttpAddress } from './http-address.js';
import { LazyTransport } from './lazy-transport.js';
import { MessageTransport } from './message-transport.js';
import { AMQP_HEARTBEAT, HEARTBEAT, type Transport } from './transport.js';
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
  const address = brokerAddress(readBrokerUrl(collector));
  return new LazyTransport({
    name: address.name,
    heartbeat: AMQP_HEARTBEAT,
    load: async () => new (await import('./amqp-transport.js')).AmqpTransport(address),
  });
}
