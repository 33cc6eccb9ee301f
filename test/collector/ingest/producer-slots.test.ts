import { beforeEach, expect, test } from 'vitest';
import { Collector } from '../../../src/collector/collector.js';
import { ProducerSlots } from '../../../src/collector/ingest/producer-slots.js';
import { AProducer } from '../a-producer.js';

let now: number;
let collector: Collector;
let slots: ProducerSlots;

beforeEach(() => {
  now = 0;
  collector = new Collector({ clock: () => now });
  slots = new ProducerSlots(collector.producers, () => now);
});

const newcomer = (boot: string, more: { worker?: string; instance?: string } = {}) => ({ job: 'shop', instance: 'web-1', boot, ...more });

/** Says hello and hands something over. */
function begin(boot: string): AProducer {
  const producer = new AProducer({ job: 'shop', instance: 'web-1', worker: slots.take(newcomer(boot)), boot });
  collector.apply(producer.batch([]));
  return producer;
}

test('the lowest number that no living producer of the instance has; the same one for the same boot', () => {
  expect([begin('a'), begin('b'), begin('c')].map(({ identity }) => identity.worker)).toEqual(['0', '1', '2']);
  expect(slots.take(newcomer('b'))).toBe('1');
  expect(slots.take(newcomer('d', { instance: 'web-2' }))).toBe('0');
  expect(slots.take(newcomer('e', { worker: 'mine' }))).toBe('mine');
  collector.end({ boot: 'b' });
  expect(slots.take(newcomer('f'))).toBe('1');
});

test('a slot is free as soon as its holder has ended, though it has just begun', () => {
  const { identity } = begin('a');
  collector.end(identity);
  expect(slots.take(newcomer('b'))).toBe('0');
});

test('who has said hello and nothing else keeps the slot for a minute, or until it is told to be gone', () => {
  expect([slots.take(newcomer('a')), slots.take(newcomer('b'))]).toEqual(['0', '1']);
  slots.free({ job: 'shop', instance: 'web-1', worker: '0', boot: 'a' });
  expect(slots.take(newcomer('c'))).toBe('0');
  now = 61_000;
  expect(slots.take(newcomer('d'))).toBe('0');
});
