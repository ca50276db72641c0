import { describe, expect, test } from 'vitest';
import { parseMetricsAddress } from '#app/cli/metrics-address.js';
import { beginCadence } from '#app/cli/session-cadence.js';
import type { ChannelCommand } from '#app/protocol/commands.js';
import { ManualHost } from '../../support/manual-host.ts';

describe('the address of metrics', () => {
  test('is a unix socket or a port of this machine', () => {
    expect(parseMetricsAddress('unix:/run/user/0/m.sock')).toEqual({ kind: 'unix', path: '/run/user/0/m.sock' });
    expect(parseMetricsAddress('127.0.0.1:9100')).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 9_100 });
    expect(parseMetricsAddress('LocalHost:1')).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 1 });
    expect(parseMetricsAddress('[::1]:65535')).toEqual({ kind: 'tcp', host: '::1', port: 65_535 });
  });

  test.each(['0.0.0.0:9100', '192.168.1.4:9100', '[::]:9100', 'vm.example:9100', '127.0.0.2:9100'])('%s is refused: only this machine is served', (text) => {
    expect(parseMetricsAddress(text)).toContain('this machine only');
  });

  test.each(['', '9100', ':9100', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', '/run/m.sock'])('"%s" is no address, and what one looks like is said', (text) => {
    expect(parseMetricsAddress(text)).toContain('unix:PATH');
  });

  test('a unix socket without a path is none', () => {
    expect(parseMetricsAddress('unix:')).toContain('path');
  });
});

describe('cadence', () => {
  const world = (options: Parameters<typeof beginCadence>[2], connected = true) => {
    const host = new ManualHost();
    const sent: [number, ChannelCommand['kind']][] = [];
    const run = { connected, command: (_channel: string, { kind }: ChannelCommand) => sent.push([host.nowMs, kind]) > 0 };
    return { host, sent, run, stop: beginCadence(run, host.timers, options) };
  };

  test('presses and lets go at a steady rate, and lets go of what is held when it stops', () => {
    const { host, sent, stop } = world({ cadence: true, cadenceEvery: 0.5 });
    host.advance(1_010);
    stop();
    host.advance(5_000);
    expect(sent).toEqual([[500, 'pressKey'], [550, 'releaseKey'], [1_000, 'pressKey'], [1_010, 'releaseKey']]);
    expect(host.timersWaiting).toBe(0);
  });

  test('is the space bar every 2 s where nothing else is said, or a button', () => {
    const space = world({ cadence: true });
    space.host.advance(4_100);
    expect(space.sent.filter(([, kind]) => kind === 'pressKey').map(([atMs]) => atMs)).toEqual([2_000, 4_000]);
    const button = world({ cadence: true, cadencePress: 'button' });
    button.host.advance(2_100);
    expect(button.sent).toEqual([[2_000, 'pressButton'], [2_050, 'releaseButton']]);
  });

  test('presses nothing without a session, nor where it is not asked for', () => {
    for (const { host, sent, stop } of [world({ cadence: true }, false), world({})]) {
      host.advance(10_000);
      stop();
      expect(sent).toEqual([]);
    }
  });
});
