import { request } from 'node:http';
import { connect } from 'node:net';
import { inject } from 'vitest';
import { announce } from './provide.js';

/**
 * Address of an empty virtual host on a RabbitMQ that the whole run shares, for tests that need their names for themselves and stop nothing.
 * The first one to ask waits for the start: give that hook or test a timeout of 330 000 ms.
 */
export function emptyVhost(): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: inject('brokerDesk'), path: '/' }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`there is no broker: ${text}`))));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/**
 * Address of any RabbitMQ, for tests that only use names which nobody else has, and leave nothing behind: what `PHANOS_TEST_AMQP` names, else one that
 * listens on port 5672 already, else the run's own.
 */
export async function anyBroker(): Promise<string> {
  const given = process.env.PHANOS_TEST_AMQP;
  if (given) return announce('RabbitMQ', given, 'PHANOS_TEST_AMQP');
  if (await listens(5672)) return announce('RabbitMQ', 'amqp://guest:guest@127.0.0.1:5672', 'runs already');
  return emptyVhost();
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', answer(true)).once('error', answer(false));
  });
}
