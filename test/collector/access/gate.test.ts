import type { IncomingMessage } from 'node:http';
import { compare, hash } from 'bcryptjs';
import { expect, test } from 'vitest';
import type { AccessOptions } from '../../../src/collector/access/access-options.js';
import { type Admission, Gate, type Purpose } from '../../../src/collector/access/gate.js';
import { PasswordBook } from '../../../src/collector/access/password-book.js';

const READ = 'read-token-0123456789';
const WRITE = 'write-token-0123456789';

async function admit(options: AccessOptions, purpose: Purpose, headers: Record<string, string>, isLocal = true): Promise<Admission> {
  return (await Gate.open(options, isLocal)).admit({ headers } as unknown as IncomingMessage, purpose);
}

const basic = (user: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

test('nobody is asked unless an option says so', async () => {
  expect(await admit({}, 'read', {})).toBe('admitted');
  expect(await admit({}, 'write', { authorization: 'Nonsense' })).toBe('admitted');
  expect(await admit({ readTokens: [READ] }, 'write', {})).toBe('admitted');
});

test.each<[string, Purpose, Record<string, string>, Admission]>([
  ['no credentials', 'read', {}, 'credentials'],
  ['no credentials', 'write', {}, 'credentials'],
  ['the right token', 'read', bearer(READ), 'admitted'],
  ['the right token', 'write', bearer(WRITE), 'admitted'],
  ['the token of the other purpose', 'read', bearer(WRITE), 'credentials'],
  ['the token of the other purpose', 'write', bearer(READ), 'credentials'],
  ['half a token', 'read', bearer(READ.slice(0, -1)), 'credentials'],
  ['a longer token', 'read', bearer(`${READ}0`), 'credentials'],
  ['an empty token', 'read', { authorization: 'Bearer ' }, 'credentials'],
  ['a scheme in capitals', 'read', { authorization: `BEARER ${READ}` }, 'admitted'],
  ['another scheme', 'read', { authorization: `Digest ${READ}` }, 'credentials'],
  ['a token as a password', 'read', basic('anybody', READ), 'admitted'],
  ['a user where there are none', 'read', basic('anybody', 'anything'), 'credentials'],
  ['no colon', 'read', { authorization: `Basic ${Buffer.from(READ).toString('base64')}` }, 'credentials'],
])('tokens: %s for %s', async (_what, purpose, headers, admission) => {
  expect(await admit({ readTokens: ['another-token-012345', READ], writeTokens: [WRITE] }, purpose, headers)).toBe(admission);
});

test('users read and write, with their own password only', async () => {
  const gate = await Gate.open({ users: { alice: await hash('secret', 4), bob: await hash('other', 4) } });
  const admit = (headers: Record<string, string>, purpose: Purpose = 'read'): Promise<Admission> =>
    gate.admit({ headers } as unknown as IncomingMessage, purpose);
  expect(gate.asks('read') && gate.asks('write')).toBe(true);
  for (let round = 0; round < 2; round++) {
    expect(await admit(basic('alice', 'secret'))).toBe('admitted');
    expect(await admit(basic('alice', 'secret'), 'write')).toBe('admitted');
    expect(await admit(basic('alice', 'other'))).toBe('credentials');
    expect(await admit(basic('carol', 'secret'))).toBe('credentials');
    expect(await admit(basic('', ''))).toBe('credentials');
    expect(await admit(basic('alice', 'secret:'))).toBe('credentials');
  }
});

test('whoever asks, a wrong password takes the work of the slowest hash', async () => {
  const work: [user: string, rounds: number][] = [];
  const hashes = { alice: await hash('secret', 4), bob: await hash('secret', 7), carol: await hash('secret', 6) };
  const costs: number[] = [];
  const book = new PasswordBook(hashes, async (password, hashed) => {
    costs.push(Number(hashed.slice(4, 6)));
    return compare(password, hashed);
  });
  for (const user of ['alice', 'bob', 'carol', 'nobody', '']) {
    costs.length = 0;
    expect(await book.look(user, 'wrong')).toBe('wrong');
    work.push([user, costs.reduce((sum, cost) => sum + 2 ** cost, 0)]);
  }
  expect(work).toEqual(['alice', 'bob', 'carol', 'nobody', ''].map((user) => [user, 2 ** 7]));
  expect(await book.look('alice', 'secret')).toBe('right');
});

test('so many wrong passwords at once that they would starve the rest are not looked at', async () => {
  const gate = await Gate.open({ users: { alice: await hash('secret', 4) } });
  const guesses = Array.from({ length: 20 }, (_, i) =>
    gate.admit({ headers: basic('alice', `guess ${i}`) } as unknown as IncomingMessage, 'read'),
  );
  const admissions = await Promise.all(guesses);
  expect(admissions.filter((admission) => admission === 'busy')).toHaveLength(12);
  expect(admissions.filter((admission) => admission === 'credentials')).toHaveLength(8);
  expect(await gate.admit({ headers: basic('alice', 'secret') } as unknown as IncomingMessage, 'read')).toBe('admitted');
});

test.each<[string | undefined, readonly string[] | undefined, boolean, Admission]>([
  ['127.0.0.1:9464', undefined, true, 'admitted'],
  ['localhost:9464', undefined, true, 'admitted'],
  ['LOCALHOST', undefined, true, 'admitted'],
  ['[::1]:9464', undefined, true, 'admitted'],
  [undefined, undefined, true, 'admitted'],
  ['evil.example:9464', undefined, true, 'host'],
  ['127.0.0.1.evil.example', undefined, true, 'host'],
  ['localhost.evil.example', undefined, true, 'host'],
  ['', undefined, true, 'host'],
  ['[evil]', undefined, true, 'host'],
  ['127.0.0.1:9464@evil.example', undefined, true, 'host'],
  ['collector:9464', undefined, false, 'admitted'],
  ['collector:9464', ['collector'], true, 'admitted'],
  ['collector.evil.example', ['collector'], true, 'host'],
  ['other', ['collector'], false, 'host'],
  ['whatever', ['*'], true, 'admitted'],
])('host %s with allowed hosts %s, local: %s', async (host, allowedHosts, isLocal, admission) => {
  const options = allowedHosts === undefined ? {} : { allowedHosts };
  expect(await admit(options, 'read', host === undefined ? {} : { host }, isLocal)).toBe(admission);
});

test.each<[string, AccessOptions]>([
  ['access: readTokens must be a list of tokens of 16 or more printable ASCII characters without spaces', { readTokens: ['hunter2'] }],
  ['access: writeTokens must be a list', { writeTokens: ['hunter2 hunter2 hunter2'] }],
  ["access: users.alice must be a bcrypt hash such as '$2y$10$…'", { users: { alice: 'hunter2' } }],
  ["access: a user name must be at least one character and no ':'", { users: { 'a:b': 'hunter2' } }],
  ["access: allowedHosts must be a list of names without a port, or '*'", { allowedHosts: ['a:80'] }],
  ["access: unknown option 'readToken', did you mean 'readTokens'?", { readToken: ['hunter2'] } as AccessOptions],
])('wrong: %s', async (message, options) => {
  const error: Error = await Gate.open(options).then(
    () => new Error('admitted'),
    (thrown: Error) => thrown,
  );
  expect(error).toBeInstanceOf(TypeError);
  expect(error.message).toContain(message);
  expect(error.message).not.toContain('hunter2');
});
