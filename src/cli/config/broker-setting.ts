import { misuse } from '../../diagnostics/misuse.js';
import { type BrokerAddress, brokerAddress, readBrokerUrl } from '../../record/broker-address.js';

/** Seconds: short, so that a broker that stands still is noticed after 15 s at most. */
const HEARTBEAT = 5;

/** The broker that a user named. Throws a TypeError without user and password in it. */
export function brokerSetting(url: string): BrokerAddress {
  try {
    return brokerAddress({ heartbeat: HEARTBEAT, ...readBrokerUrl(url) });
  } catch (error) {
    throw misuse('OPTION_INVALID', `amqp: what was given ${(error as Error).message}`);
  }
}
