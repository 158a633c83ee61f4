import { AllowedHosts, parseAllowedHost, UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMqttConfig } from './config.ts';
import { mqttDestination, parseMqttUrl, type MqttTarget } from './target.ts';

function targetOf(address: string): MqttTarget | undefined {
  const destination = mqttDestination(address);
  return destination === undefined ? undefined : parseMqttUrl(address, destination);
}

describe('the address of an MQTT broker', () => {
  it.each([
    ['mqtt://h?client_id=a', { host: 'h', port: 1883, tls: false, clientId: 'a', cleanSession: true }],
    ['tcp://h:1?client_id=a', { host: 'h', port: 1, tls: false, clientId: 'a', cleanSession: true }],
    [
      'mqtts://h?client_id=a&clean_session=false',
      { host: 'h', port: 8883, tls: true, clientId: 'a', cleanSession: false },
    ],
    ['ssl://[::1]:9?client_id=', { host: '::1', port: 9, tls: true, clientId: '', cleanSession: true }],
    [
      'mqtt://u:p@h/?client_id=a%20b&inflight_num=5',
      { host: 'h', port: 1883, tls: false, clientId: 'a b', cleanSession: true },
    ],
  ])('%s', (address, expected) => {
    expect(targetOf(address)).toEqual(expected);
  });

  it.each([
    'mqtt://h',
    'mqtt://h?client_id=%20a',
    'mqtt://h?client_id=a&other=1',
    'mqtt://h?client_id=a&inflight_num=x',
    'mqtt://h?client_id=a&clean_session=1',
    'ws://h?client_id=a',
    'http://h?client_id=a',
    'h?client_id=a',
    'mqtt:?client_id=a',
    'mqtt://evil#@good?client_id=a',
    '',
  ])('is not %j', (address) => {
    expect(targetOf(address)).toBeUndefined();
  });

  it('leads to the host that the manifest was asked for, whatever is written', () => {
    const good = new AllowedHosts([parseAllowedHost('mqtt://good.example:1883')]);
    const parts = fc.constantFrom(
      'mqtt://',
      'good.example',
      'evil.example',
      ':',
      '@',
      '/',
      '#',
      '?',
      '\\',
      '1883',
      '?client_id=a',
      '.',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 12 }), (pieces) => {
        const address = pieces.join('');
        const destination = mqttDestination(address);
        const target = destination !== undefined && good.allows(destination) ? targetOf(address) : undefined;
        expect(target === undefined || (target.host === 'good.example' && target.port === 1883)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('[outbound_mqtt]', () => {
  it('is read', () => {
    expect(parseMqttConfig({})).toEqual({ maxConnections: undefined, maxPayloadBytes: undefined });
    const section = { max_connections: 0, max_payload_size_bytes: 8 };
    expect(parseMqttConfig({ outbound_mqtt: section })).toEqual({ maxConnections: 0, maxPayloadBytes: 8 });
  });

  it.each([
    [{ outbound_mqtt: [] }, 'outbound_mqtt'],
    [{ outbound_mqtt: { max_payload_size_bytes: '8' } }, 'outbound_mqtt.max_payload_size_bytes'],
    [{ outbound_mqtt: { max_payload: 1 } }, 'outbound_mqtt.max_payload'],
  ])('%j is refused by name', (raw, field) => {
    expect(() => parseMqttConfig(raw)).toThrow(
      expect.objectContaining({ constructor: UserError, place: expect.objectContaining({ field }) }),
    );
  });
});
