import { expect, test } from 'vitest';
import { VirtualClock } from './virtual-clock.js';

test('ticks to the microsecond', () => {
  const clock = new VirtualClock();
  for (let i = 0; i < 1000; i++) clock.tick(0.001);
  expect(clock.now()).toBe(1);
  clock.tick(-0.25);
  expect(clock.now()).toBe(0.75);
});

test('wakes sleepers by time, then in the order in which they fell asleep', async () => {
  const clock = new VirtualClock();
  const woken: string[] = [];
  const sleeper = async (name: string, ...naps: number[]): Promise<void> => {
    for (const nap of naps) {
      await clock.sleep(nap);
      woken.push(`${name} ${clock.now()}`);
    }
  };
  await clock.run(async () => {
    await Promise.all([sleeper('a', 20, 10.5), sleeper('b', 10, 10), sleeper('c', 30, 0)]);
  });
  expect(woken).toEqual(['b 10', 'a 20', 'b 20', 'c 30', 'c 30', 'a 30.5']);
  expect(clock.now()).toBe(30.5);
});

test('does not go back for a sleeper that synchronous work has overtaken', async () => {
  const clock = new VirtualClock();
  const times = await clock.run(async () => {
    const nap = clock.sleep(10).then(clock.now);
    clock.tick(25);
    return [await nap, clock.now()];
  });
  expect(times).toEqual([25, 25]);
});

test('gives what the program returns or throws, and leaves those asleep who outlive it', async () => {
  const clock = new VirtualClock();
  let woken = false;
  const result = clock.run(async () => {
    void clock.sleep(100).then(() => {
      woken = true;
    });
    await clock.sleep(1);
    return 'result';
  });
  await expect(result).resolves.toBe('result');
  await expect(clock.run(() => Promise.reject(new Error('boom')))).rejects.toThrow('boom');
  expect(woken).toBe(false);
  expect(clock.now()).toBe(1);
});

test('tells of a program that waits for ever', async () => {
  await expect(new VirtualClock().run(() => new Promise<never>(() => undefined))).rejects.toThrow('nobody sleeps');
});
