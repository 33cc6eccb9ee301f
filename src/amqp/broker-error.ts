import { PhanosError } from '../diagnostics/phanos-error.js';
import type { BrokerAddress } from '../record/broker-address.js';

/** What a broker, or the way to it, has against us, in a sentence that says what to do. */

/** Errors of the library carry the broker's reply code, of the system a name. */
interface BrokerFault {
  readonly code?: number | string;
  readonly message: string;
}

const NETWORK_REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'check that it runs, and that host and port are right',
  ENOTFOUND: 'check the name of its host',
  EAI_AGAIN: 'check the name of its host',
  ECONNRESET: 'check that the port is that of AMQP, with TLS only where the broker has it',
  ERR_SSL_WRONG_VERSION_NUMBER: 'check that the port is that of AMQP with TLS, 5671 mostly',
  ERR_TLS_CERT_ALTNAME_INVALID: 'check that the host is called as its certificate says',
  CERT_HAS_EXPIRED: 'have its certificate renewed',
};

/** Codes of OpenSSL for a chain of certificates that ends at nobody known. */
const UNTRUSTED = /SELF_SIGNED|UNABLE_TO_(?:GET_ISSUER|VERIFY)/;
const TRUST = 'name the authority that signed its certificate: NODE_EXTRA_CA_CERTS=ca.pem in the environment, or tls: { ca } of a handler';

/** The library's words for a peer that hung up before it had said anything: mostly one that waits for TLS. */
const HUNG_UP = /closed abruptly during opening handshake/;

const REPLY_REMEDIES: Readonly<Record<number, string>> = {
  403: 'check user, password and permissions; guest is let in from the broker’s own machine only',
  404: 'it will be there once somebody declares it',
  405: 'somebody else holds it for himself alone',
  406: 'it exists with other properties; delete it, or change the settings of whoever declares it otherwise',
};

/** The library keeps the reason for itself when the broker closes the door at the very last step, where only the virtual host is left to refuse. */
const VHOST_REFUSED = /Expected ConnectionOpenOk; got <ConnectionClose/;

/** BROKER_REFUSED if the broker itself said no, else BROKER_UNREACHABLE. */
export function brokerError({ name, vhost }: BrokerAddress, cause: unknown): PhanosError {
  if (cause instanceof PhanosError) return cause;
  const fault = cause instanceof Error ? (cause as BrokerFault) : { message: String(cause) };
  if (VHOST_REFUSED.test(fault.message)) {
    const remedy = 'check that it exists, and that the user may use it';
    return new PhanosError('BROKER_REFUSED', `RabbitMQ at ${name} refused its virtual host '${vhost}'; ${remedy}`, { cause });
  }
  const reply = replyCode(fault);
  if (reply !== undefined) {
    const remedy = REPLY_REMEDIES[reply];
    const text = `RabbitMQ at ${name} refused: ${replyText(fault.message)}${remedy === undefined ? '' : `; ${remedy}`}`;
    return new PhanosError('BROKER_REFUSED', text, { cause });
  }
  const network = typeof fault.code === 'string' ? fault.code : undefined;
  const message = lineOf(fault.message);
  const reason = network === undefined || message.includes(network) ? message : `${network} ${message}`;
  const remedy = remedyOf(HUNG_UP.test(message) ? 'ECONNRESET' : network);
  return new PhanosError('BROKER_UNREACHABLE', `RabbitMQ at ${name} can't be reached (${reason}); ${remedy}`, { cause });
}

function remedyOf(code = ''): string {
  if (UNTRUSTED.test(code)) return TRUST;
  return NETWORK_REMEDIES[code] ?? 'check that it runs, and that the address leads to it';
}

/** OpenSSL tells of its own source files, and ends with a line feed. */
function lineOf(message: string): string {
  return (/^[0-9A-F]+:error:[0-9A-F]+:([^:]*:[^:]*:[^:]*)/.exec(message)?.[1] ?? message).trim();
}

/** It did not answer in time. */
export function brokerSilent({ name }: BrokerAddress, milliseconds: number, what: string): PhanosError {
  return new PhanosError(
    'BROKER_UNREACHABLE',
    `RabbitMQ at ${name} did not answer within ${milliseconds} ms (${what}); check that it is well`,
  );
}

function replyCode({ code, message }: BrokerFault): number | undefined {
  // 200 and 320 close a connection without anybody's fault.
  const known = typeof code === 'number' ? code : Number(/\b([345]\d\d) \([A-Z]/.exec(message)?.[1]);
  return known >= 400 ? known : undefined;
}

/** `Channel closed by server: 406 (PRECONDITION-FAILED) with message "PRECONDITION_FAILED - inequivalent …"` to what matters of it. */
function replyText(message: string): string {
  const said = /\b([345]\d\d) \([A-Z-]+\) with message "(.*)"$/s.exec(message);
  return said === null ? message : `${said[1]} ${said[2]}`;
}
