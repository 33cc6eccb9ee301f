import { expect, test } from 'vitest';
import { brokerAddress, readBrokerUrl } from '../../src/record/broker-address.js';

test('without parts it is a broker on this machine as installed', () => {
  const { tls, ...rest } = brokerAddress();
  expect(rest).toEqual({
    host: '127.0.0.1',
    port: 5672,
    user: 'guest',
    password: 'guest',
    vhost: '/',
    heartbeat: 10,
    name: 'amqp://127.0.0.1:5672',
  });
  expect(tls).toBeUndefined();
});

test.each([
  ['amqp://broker', { host: 'broker' }, 'amqp://broker:5672'],
  ['amqps://broker', { host: 'broker', tls: {} }, 'amqps://broker:5671'],
  ['amqp://[::1]:99/', { host: '::1', port: 99 }, 'amqp://[::1]:99'],
  ['amqp://me:s%40fe@b:1/%2F', { host: 'b', port: 1, user: 'me', password: 's@fe', vhost: '/' }, 'amqp://b:1'],
  ['amqp://b/or%2Fders?heartbeat=3', { host: 'b', vhost: 'or/ders', heartbeat: 3 }, 'amqp://b:5672/or%2Fders'],
  ['AMQP://me@b', { host: 'b', user: 'me', password: '' }, 'amqp://b:5672'],
])('%s', (url, parts, name) => {
  expect(readBrokerUrl(url)).toEqual(parts);
  expect(brokerAddress(readBrokerUrl(url)).name).toBe(name);
});

test.each([
  ['http://me:secret@b', 'is no address of a broker; write amqp://user:password@host:5672/vhost'],
  ['amqp:secret', 'is no address of a broker; write amqp://user:password@host:5672/vhost'],
  ['amqp://me:sec%ret@b', 'has a % that is not followed by two digits; write %25 for a percent sign'],
  ['amqp://b?heartbeat=soon', 'has a heartbeat that is no number of seconds'],
  ['amqp://b?frameMax=1', "has a parameter 'frameMax', where only heartbeat is understood"],
])('%s is refused without showing the password', (url, message) => {
  expect(() => readBrokerUrl(url)).toThrow(new Error(message));
});
