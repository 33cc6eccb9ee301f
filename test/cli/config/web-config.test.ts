import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { faultText } from '../../../src/cli/config/config-fault.js';
import { readWebConfig, type WebConfig } from '../../../src/cli/config/web-config.js';
import { newFolder, root } from '../../support/project.js';
import { prometheusProgram } from '../../support/prometheus-programs.js';
import { runProgram } from '../../support/run-program.js';

/** promtool says of the same files whether Prometheus would take them. */

const certificates = join(root, 'test/fixtures/tls');
const ALICE = '$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze';

let promtool: string;
let folder: string;

beforeAll(async () => {
  promtool = await prometheusProgram('promtool');
  folder = await newFolder();
}, 330_000);

async function read(text: string): Promise<{ config: WebConfig; faults: string[]; promtool: boolean }> {
  const file = join(folder, 'web.yml');
  await writeFile(file, text);
  const { config, faults } = await readWebConfig(file, text);
  const { code } = await runProgram(promtool, ['check', 'web-config', file]);
  return { config, faults: faults.map((fault) => faultText('web.yml', fault)), promtool: code === 0 };
}

test('an empty file asks for nothing', async () => {
  expect(await read('')).toEqual({ config: { tls: undefined, users: {} }, faults: [], promtool: true });
});

test('users', async () => {
  const { config, faults, promtool } = await read(`basic_auth_users:\n  alice: ${ALICE}\n  bob: ${ALICE}\n`);
  expect({ config, faults, promtool }).toEqual({
    config: { tls: undefined, users: { alice: ALICE, bob: ALICE } },
    faults: [],
    promtool: true,
  });
});

test('a certificate, its key, and clients that must have one too', async () => {
  const text = [
    'tls_server_config:',
    `  cert_file: ${certificates}/server.crt`,
    `  key_file: ${certificates}/server.key`,
    '  client_auth_type: RequireAndVerifyClientCert',
    `  client_ca_file: ${certificates}/ca.crt`,
    '  min_version: TLS13',
  ].join('\n');
  const { config, faults, promtool } = await read(text);
  expect(faults).toEqual([]);
  expect(promtool).toBe(true);
  expect(config.tls).toMatchObject({ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3', maxVersion: undefined });
  expect(config.tls?.cert).toContain('BEGIN CERTIFICATE');
  expect(config.tls?.key).toContain('BEGIN PRIVATE KEY');
  expect(config.tls?.ca).toContain('BEGIN CERTIFICATE');
});

test.each([
  ['basic_auth_user:\n  alice: x\n', ["web.yml:1:1: unknown setting 'basic_auth_user', did you mean 'basic_auth_users'?"]],
  [
    'tls_server_config:\n  cert_file: server.crt\n',
    [
      expect.stringContaining("web.yml:2:14: tls_server_config.cert_file can't be read: ENOENT"),
      'web.yml:1:1: tls_server_config needs key_file',
    ],
  ],
  ['tls_server_config: [1]\n', [expect.stringContaining('web.yml:1:1: tls_server_config must be a mapping of settings, got a list')]],
  ['basic_auth_users:\n  alice: a\n  alice: b\n', ['web.yml:3:3: Map keys must be unique']],
  [
    `tls_server_config:\n  cert_file: ${certificates}/server.crt\n  key_file: ${certificates}/server.key\n  client_ca_file: ${certificates}/ca.crt\n`,
    [
      "web.yml:1:1: tls_server_config has client_ca_file without a client_auth_type, so that nobody would be asked; add client_auth_type: 'RequireAndVerifyClientCert'",
    ],
  ],
  [
    `tls_server_config:\n  cert_file: ${certificates}/server.crt\n  key_file: ${certificates}/server.key\n  client_ca_file: ${certificates}/ca.crt\n  client_auth_type: NoClientCert\n`,
    [expect.stringContaining('web.yml:1:1: tls_server_config has client_ca_file without a client_auth_type')],
  ],
  [
    `tls_server_config:\n  cert_file: ${certificates}/server.key\n  key_file: ${certificates}/server.key\n`,
    [expect.stringMatching(/^web\.yml:1:1: tls_server_config has a cert that can't be used: .*PEM/)],
  ],
  [
    `tls_server_config:\n  cert_file: ${certificates}/server.crt\n  key_file: ${certificates}/ca.crt\n`,
    [expect.stringMatching(/^web\.yml:1:1: tls_server_config has a key that can't be used: /)],
  ],
  [
    'basic_auth_users:\n  alice: hunter2\n',
    ["web.yml:2:10: basic_auth_users.alice must be a bcrypt hash such as '$2y$10$…'; what came is a secret and not shown"],
  ],
  ['a: "b\n', [expect.stringMatching(/^web\.yml:[12]:\d+: Missing closing "quote/)]],
])('refuses what promtool refuses: %j', async (text, faults) => {
  const found = await read(text);
  expect(found.faults).toEqual(expect.arrayContaining(faults));
  expect(found.promtool).toBe(false);
});

test('refuses user names that nobody could log in with', async () => {
  const { faults } = await read(`basic_auth_users:\n  "": ${ALICE}\n  "a:b": ${ALICE}\n`);
  expect(faults).toEqual([
    expect.stringMatching(/^web\.yml:2:\d+: basic_auth_users\. is no user name: it must have at least one character and no ':'$/),
    expect.stringMatching(/^web\.yml:3:\d+: basic_auth_users\.a:b is no user name/),
  ]);
});

test.each([
  ['RequireAnyClientCert', "web.yml:4:21: tls_server_config.client_auth_type is not offered: use 'RequireAndVerifyClientCert'"],
  [
    'RequireAndVerifyClientCert',
    'web.yml:1:1: tls_server_config needs client_ca_file where client_auth_type is RequireAndVerifyClientCert',
  ],
])('refuses client_auth_type %s without an authority, which would verify nothing', async (type, fault) => {
  const text = `tls_server_config:\n  cert_file: ${certificates}/server.crt\n  key_file: ${certificates}/server.key\n  client_auth_type: ${type}\n`;
  expect((await read(text)).faults).toEqual([fault]);
});
