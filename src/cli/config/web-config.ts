import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createSecureContext, type SecureVersion } from 'node:tls';
import { HASH_FORM, isBcryptHash, isUserName, USER_FORM } from '../../collector/access/access-options.js';
import { ConfigDocument } from './config-document.js';
import { type ConfigFault, inOrder } from './config-fault.js';
import type { ConfigNode } from './config-node.js';

/**
 * TLS and users in the form that Prometheus and its exporters have for them, so that one file serves all, and `promtool check web-config` judges it.
 *
 * @see https://prometheus.io/docs/prometheus/latest/configuration/https/
 */
export interface WebConfig {
  readonly tls?: WebTls | undefined;
  /** bcrypt hashes by user name. */
  readonly users: Readonly<Record<string, string>>;
}

/** PEM texts and what goes with them, as `node:https` takes them. */
export interface WebTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string | undefined;
  /** Whether clients are asked for a certificate. */
  readonly requestCert: boolean;
  /** Whether they must have one that `ca` has signed. */
  readonly rejectUnauthorized: boolean;
  readonly minVersion: SecureVersion;
  readonly maxVersion?: SecureVersion | undefined;
}

const VERSIONS = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;
const VERSION_NAMES = Object.keys(VERSIONS) as (keyof typeof VERSIONS)[];
const CLIENT_AUTH = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const;
/** Settings of Prometheus's form for things that Node.js decides itself. */
const LEFT_ALONE = ['cipher_suites', 'curve_preferences', 'prefer_server_cipher_suites'] as const;
const TLS_SETTINGS = [
  'cert',
  'key',
  'cert_file',
  'key_file',
  'client_auth_type',
  'client_ca',
  'client_ca_file',
  'min_version',
  'max_version',
] as const;

/**
 * Reads a web configuration.
 *
 * @param file its path; names of files in it are relative to its folder
 * @returns what it says, as far as it can be read, and what is wrong with it
 */
export async function readWebConfig(
  file: string,
  text: string,
): Promise<{ readonly config: WebConfig; readonly faults: readonly ConfigFault[] }> {
  const document = await ConfigDocument.parse(text);
  const fields = document.root?.fields(['tls_server_config', 'basic_auth_users', 'http_server_config']) ?? {};
  const users: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, hash] of fields.basic_auth_users?.entries() ?? []) {
    if (!isUserName(name)) hash.fault(`is no user name: it must have ${USER_FORM}`);
    users[name] = hash.secret(HASH_FORM, isBcryptHash) ?? '';
  }
  const tls = fields.tls_server_config === undefined ? undefined : readTls(fields.tls_server_config, dirname(file));
  return { config: { tls, users: { ...users } }, faults: inOrder(document.faults) };
}

function readTls(node: ConfigNode, folder: string): WebTls | undefined {
  const fields = node.fields([...TLS_SETTINGS, ...LEFT_ALONE]);
  const pem = (name: 'cert' | 'client_ca' | 'key'): string | undefined => {
    const inline = fields[name];
    const file = fields[`${name}_file`];
    if (inline !== undefined && file !== undefined) return file.fault(`can't be given together with ${name}`);
    return inline === undefined ? fileText(file, folder) : inline.text('a text in PEM form');
  };
  const [cert, key, ca] = [pem('cert'), pem('key'), pem('client_ca')];
  const auth = fields.client_auth_type?.word(CLIENT_AUTH) ?? 'NoClientCert';
  if (ca !== undefined && auth === 'NoClientCert') {
    node.fault(
      "has client_ca_file without a client_auth_type, so that nobody would be asked; add client_auth_type: 'RequireAndVerifyClientCert'",
    );
  }
  if (ca === undefined && auth.includes('Verify')) node.fault(`needs client_ca_file where client_auth_type is ${auth}`);
  // Node.js either verifies every certificate or none.
  if (auth === 'RequireAnyClientCert' || auth === 'VerifyClientCertIfGiven') {
    fields.client_auth_type?.fault("is not offered: use 'RequireAndVerifyClientCert'");
  }
  const version = (name: 'max_version' | 'min_version'): SecureVersion | undefined => {
    const word = fields[name]?.word(VERSION_NAMES);
    return word === undefined ? undefined : VERSIONS[word];
  };
  if (cert === undefined && fields.cert === undefined && fields.cert_file === undefined) node.fault('needs cert_file');
  if (key === undefined && fields.key === undefined && fields.key_file === undefined) node.fault('needs key_file');
  if (cert === undefined || key === undefined) return undefined;
  checkPem(node, { cert, key, ca });
  return {
    cert,
    key,
    ca,
    requestCert: auth !== 'NoClientCert',
    rejectUnauthorized: auth === 'RequireAndVerifyClientCert',
    minVersion: version('min_version') ?? 'TLSv1.2',
    maxVersion: version('max_version'),
  };
}

/** What OpenSSL says of them comes up at the start otherwise, without a file or line. */
function checkPem(node: ConfigNode, pem: { readonly cert: string; readonly key: string; readonly ca: string | undefined }): void {
  for (const [name, part] of [
    ['cert', { cert: pem.cert }],
    ['client_ca', { ca: pem.ca }],
    ['key', { cert: pem.cert, key: pem.key }],
  ] as const) {
    try {
      createSecureContext(part);
    } catch (error) {
      node.fault(`has a ${name} that can't be used: ${(error as Error).message}`);
      return;
    }
  }
}

function fileText(node: ConfigNode | undefined, folder: string): string | undefined {
  const name = node?.text('the name of a file');
  if (name === undefined) return undefined;
  try {
    return readFileSync(resolve(folder, name), 'utf8');
  } catch (error) {
    return node?.fault(`can't be read: ${(error as Error).message}`);
  }
}
