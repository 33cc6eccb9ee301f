/** Why records never reached a queue. */
export type RecordLoss =
  /** The outbox was full of newer ones. */
  | 'outbox_full'
  /** No queue was bound to the exchange, try after try. */
  | 'unroutable'
  /** The broker did not want them: a queue is full, or the job is too long for a routing key. */
  | 'broker_refused'
  /** Connections were lost again and again while their message was under way. */
  | 'connection_lost'
  /** The handler was closed before they were sent. */
  | 'closed_unsent';

/** What became of the records of a handler: `handedOver` = `published` + all of `dropped` + `waiting`. */
export interface RecordDelivery {
  readonly handedOver: number;
  /** The broker has confirmed them; without `confirms`, they were given to the network. */
  readonly published: number;
  readonly dropped: Readonly<Partial<Record<RecordLoss, number>>>;
  /** Not sent yet, or sent and not confirmed. */
  readonly waiting: number;
}

/** What to tell of a loss, and what to do about it. */
export const LOSS_SENTENCES: Readonly<Record<RecordLoss, string>> = {
  outbox_full:
    'more records wait for RabbitMQ than may, so the oldest are dropped; see why it is slow or away, or raise outboxRecords and outboxBytes',
  unroutable: 'records were dropped since no queue was bound to their exchange, try after try; start the collector that consumes them',
  broker_refused: 'RabbitMQ refused records, which are dropped; see whether a queue behind the exchange is full',
  connection_lost: 'the connection to RabbitMQ was lost again and again while records were under way, which are dropped',
  closed_unsent: 'a handler was closed before RabbitMQ took its last records, which are dropped',
};
