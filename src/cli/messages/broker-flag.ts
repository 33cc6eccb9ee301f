import { type BrokerAddress, brokerAddress, readBrokerUrl } from '../../record/broker-address.js';
import { type Flag, type Given, UsageError } from '../command.js';

/** The flag of commands that speak to a broker. */
export const BROKER_FLAG: Flag = {
  type: 'string',
  placeholder: 'URL',
  help: 'the broker: amqp://USER:PASSWORD@HOST:PORT/VHOST\n(default PHANOS_AMQP)',
};

/** The variable that stands in for it, where a password is not seen by everybody on the machine. */
export const BROKER_VARIABLE = ['PHANOS_AMQP', 'as --amqp'] as const;

/** The broker that is meant. Throws a {@link UsageError} without user and password in it. */
export function brokerOf({ flags }: Given): BrokerAddress {
  const url = (flags.amqp as string | undefined) ?? process.env.PHANOS_AMQP;
  if (url === undefined || url === '') throw new UsageError('no broker is named; add --amqp amqp://USER:PASSWORD@HOST, or set PHANOS_AMQP');
  try {
    return brokerAddress(readBrokerUrl(url));
  } catch (error) {
    throw new UsageError(`the address of the broker ${(error as Error).message}`);
  }
}
