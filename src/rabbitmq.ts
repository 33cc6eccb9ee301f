/** `phanos/rabbitmq`: handlers that send records to RabbitMQ. They need the package amqplib. */

import { ImpProfHandler } from './handlers/imp-prof-handler.js';
import { registerHandlerClass } from './index.js';

export type { ImpProfHandlerOptions } from './handlers/imp-prof-options.js';
export type { RecordDelivery, RecordLoss } from './handlers/record-delivery.js';
export { ImpProfHandler };

registerHandlerClass('ImpProfHandler', ImpProfHandler);
