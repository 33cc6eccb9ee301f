/** `phanos/rabbitmq`: handlers that send records to RabbitMQ. They need the package amqplib. */

import { ImpProfHandler } from './handlers/imp-prof-handler.js';
import type { ImpProfHandlerOptions } from './handlers/imp-prof-options.js';
import { registerHandlerClass } from './index.js';

export type { ImpProfHandlerOptions } from './handlers/imp-prof-options.js';
export type { RecordDelivery, RecordLoss } from './handlers/record-delivery.js';
export { ImpProfHandler };

/** Settings of Python name the other style by a class. */
class AsyncImpProfHandler extends ImpProfHandler {
  constructor(handlerName: string, options: ImpProfHandlerOptions = {}) {
    super(handlerName, { style: 'async', ...options });
  }
}

registerHandlerClass('ImpProfHandler', ImpProfHandler);
registerHandlerClass('AsyncImpProfHandler', AsyncImpProfHandler);
