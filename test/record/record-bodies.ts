import type { GoldenCall } from './golden.js';
import { golden } from './golden.js';

/** Bodies of records messages, and what they say by other means than the decoder's. */

export interface GoldenMessage {
  readonly exchange: string;
  readonly routing_key: string;
  readonly body_utf8: string;
  readonly body_base64: string;
}

/** What Python phanos published, by version and case. */
export function goldenMessages(): { readonly name: string; readonly message: GoldenMessage }[] {
  const recent = ['sync', 'async'].flatMap((style) =>
    golden<{ cases: { name: string; messages?: GoldenMessage[] }[] }>(`python-phanos/amqp/messages_${style}.json`).cases.flatMap(
      ({ name, messages = [] }) => messages.map((message) => ({ name: `${style} ${name}`, message })),
    ),
  );
  const old = golden<{ messages: GoldenMessage[] }>('python-phanos/amqp/messages_v0.2.3.json').messages;
  return [...recent, ...old.map((message) => ({ name: '0.2.3', message }))];
}

/** Bodies as version 0.0.10 would send what it handed to its handlers. */
export function oldestBodies(): string[] {
  const { cases } = golden<{ cases: { handle_calls?: readonly GoldenCall[] }[] }>('python-phanos/v0.0.10.json');
  return cases.flatMap(({ handle_calls: calls = [] }) => calls.map(({ records }) => JSON.stringify(records)));
}

/** A record as text, with these parts instead of the usual ones. */
export function recordText(parts: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify(aRecord(parts));
}

export function aRecord(parts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    item: 'Orders',
    metric: 'histogram',
    units: 'mS',
    job: 'shop',
    method: 'Orders:place',
    labels: { error_raised: false },
    value: ['observe', 1.5],
    ...parts,
  };
}
