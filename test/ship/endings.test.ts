import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CompiledFixture, compileFixture } from '../support/compile-fixture.js';
import { eventually } from '../support/eventually.js';
import { nodeMajors, nodeProgram } from '../support/node-versions.js';
import { newFolder, root } from '../support/project.js';
import { HttpPeer, type PeerTls } from './http-peer.js';
import { sampleOf } from './running-cluster.js';

/** How processes end that report to a service: what arrives, and that nothing of phanos keeps them. */

const TLS = join(root, 'test/fixtures/tls');

let fixture: CompiledFixture;
let folder: string;
let peer: HttpPeer;
let tls: PeerTls;

beforeAll(async () => {
  fixture = await compileFixture('test/ship/fixtures/endings.ts', { decorators: 'tc39' });
  folder = await newFolder();
  tls = { key: await readFile(join(TLS, 'server.key')), cert: await readFile(join(TLS, 'server.crt')) };
});
afterEach(() => peer.close());
afterAll(async () => {
  await fixture.remove();
  await rm(folder, { recursive: true });
});

async function end(ending: string, node = process.execPath) {
  const start = performance.now();
  const { code, stdout, stderr } = await fixture.run({
    node,
    args: [ending],
    env: { PHANOS_COLLECTOR: peer.name, NODE_EXTRA_CA_CERTS: join(TLS, 'ca.crt') },
    within: 30_000,
  });
  return { code, stdout, stderr, took: performance.now() - start };
}

const done = (): number | undefined => sampleOf(peer.collector.text(), 'done_total');

function start(road: string, ending: string): Promise<HttpPeer> {
  return road === 'a unix socket' ? HttpPeer.start(join(folder, `${ending}.sock`)) : HttpPeer.start(0, road === 'TLS' ? tls : undefined);
}

describe.each(['TCP', 'a unix socket', 'TLS'])('over %s', (road) => {
  test.each([
    ['natural', 0, 7, { silent: 0, exit: 0, goodbye: 1 }],
    ['close', 0, 7, { silent: 0, exit: 0, goodbye: 1 }],
    ['exit', 7, 7, { silent: 0, exit: 0, goodbye: 1 }],
    ['throw', 1, 7, { silent: 0, exit: 0, goodbye: 1 }],
    ['closeOn', 'SIGTERM', 7, { silent: 0, exit: 0, goodbye: 1 }],
    // Nobody is asked: what was not handed over is lost.
    ['SIGTERM', 'SIGTERM', 3, { silent: 0, exit: 0, goodbye: 0 }],
    ['SIGKILL', 'SIGKILL', 3, { silent: 0, exit: 0, goodbye: 0 }],
  ] as const)('a process that ends by %s', { timeout: 40_000 }, async (ending, code, counted, deaths) => {
    peer = await start(road, ending);
    const ended = await end(ending);
    expect(ended.code).toBe(code);
    expect(ended.took).toBeLessThan(10_000);
    await eventually('it is counted', () => done() === counted);
    await eventually('its end is known', () => JSON.stringify(peer.collector.producers.deaths.counts) === JSON.stringify(deaths));
    expect(ended.stderr).toMatch(ending === 'throw' ? /Error: on purpose/ : /^$/);
  });
});

describe.each(nodeMajors)('on Node.js %i', (major) => {
  test.each(['TCP', 'a unix socket', 'TLS'])('process.exit() says over %s what is left', { timeout: 60_000 }, async (road) => {
    const node = await nodeProgram(major);
    peer = await start(road, `exit-${major}`);
    expect((await end('exit', node)).code).toBe(7);
    await eventually('it is counted', () => done() === 7);
    expect(peer.collector.producers.deaths.counts.goodbye).toBe(1);
  });
});

test('what process.exit() can hand over to nobody, for the collector is gone, is told and counts as unconfirmed', {
  timeout: 40_000,
}, async () => {
  peer = await start('TCP', 'away');
  const { name } = peer;
  const ending = end('away');
  await eventually('the first hand-over is counted', () => done() === 3);
  await peer.close();
  const { code, stdout, stderr } = await ending;
  const lost = [{ reason: 'ended_unconfirmed', culprit: name, count: 4 }];
  expect([code, JSON.parse(stdout)]).toEqual([7, [{ produced: 5, confirmed: 1, dropped: 0 }, lost]]);
  expect(stderr).toContain(`phanos: 4 operations were not confirmed by the collector at ${name} before the end; they may be lost`);
});

test('a collector whose certificate nobody knows: what to do is told', { timeout: 40_000 }, async () => {
  peer = await HttpPeer.start(0, tls);
  const env = { PHANOS_COLLECTOR: peer.name, NODE_EXTRA_CA_CERTS: undefined };
  const { stderr } = await fixture.run({ args: ['natural'], env, within: 30_000 });
  expect(stderr).toMatch(
    /can't be reached \(.*certificate.*\); let Node\.js trust its certificate, for example with NODE_EXTRA_CA_CERTS\./,
  );
});

test('a process whose collector never answers ends all the same, with one report', { timeout: 40_000 }, async () => {
  peer = await HttpPeer.start();
  peer.script('/v2/hello', ...Array.from({ length: 20 }, () => 'stall' as const));
  const { code, stderr, took } = await end('natural');
  expect([code, took < 20_000]).toEqual([0, true]);
  expect(stderr.match(/Measurements are kept/g)).toHaveLength(1);
});
