import cluster from 'node:cluster';
import { once } from 'node:events';
import { isMainThread, type Worker as Thread } from 'node:worker_threads';
import { ANSWER, clusterCrew, type Member, threadCrew } from './crew.js';
import { type LibraryChoice, openLibrary } from './metrics-library.js';
import type { Command, Order, Reply } from './orders.js';

/** A program that measures with one library, in a cluster or in threads. The driver starts it and commands its members by number, from 1 on. */

const [, , crewName = '', choice = ''] = process.argv;
const threads = new Set<Thread>();
const crew = crewName === 'threads' ? threadCrew(new URL(import.meta.url), threads) : clusterCrew;
const library = await openLibrary(JSON.parse(choice) as LibraryChoice);

if (isMainThread && cluster.isPrimary) await lead();
else follow();

async function lead(): Promise<void> {
  const members: Member[] = [];
  const reply = (message: Reply): void => void process.send?.(message);
  process.on('message', (command: Command) => {
    void carryOut(members, command).then(() => reply({ done: true }));
  });
  process.on('disconnect', () => process.exit());
  reply({ url: await (crewName === 'threads' ? library.serveThreads(threads) : library.serveCluster()) });
}

async function carryOut(members: Member[], command: Command): Promise<void> {
  if (command.what === 'start') {
    const member = crew.start();
    members.push(member);
    await answered(member);
    return;
  }
  const member = members[command.member - 1];
  if (member === undefined) throw new Error(`there is no member ${command.member}`);
  const ended = once(member.events, 'exit');
  if (command.what === 'kill') {
    member.kill();
    await ended;
    return;
  }
  const done = answered(member);
  member.tell(command.order);
  await done;
  if (command.order.do === 'end') await ended;
}

function answered({ events }: Member): Promise<void> {
  return new Promise((resolve) => {
    const listener = (message: unknown): void => {
      if (message !== ANSWER) return;
      events.off('message', listener);
      resolve();
    };
    events.on('message', listener);
  });
}

function follow(): void {
  crew.onOrder((order) => void obey(order));
  crew.answer();
}

async function obey(order: Order): Promise<void> {
  switch (order.do) {
    case 'count':
      library.count(order.jobs);
      crew.answer();
      break;
    case 'observe':
      for (const seconds of order.seconds) library.observe(seconds);
      crew.answer();
      break;
    case 'block':
      crew.answer(() => {
        const until = performance.now() + order.for;
        while (performance.now() < until);
      });
      break;
    case 'end':
      await library.end();
      crew.answer(() => process.exit());
  }
}
