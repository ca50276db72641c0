// Inputs, cursor, sound and byte streams of the loopback server, in virtual time.
import { afterEach, expect, test } from 'vitest';
import { ChannelType, type ChannelTypeNumber } from '#app/protocol/constants.js';
import type { BareClient } from '../../support/bare-client.ts';
import { LoopbackWorld } from '../../support/loopback-world.ts';

let world = new LoopbackWorld();
const begin = async (...options: ConstructorParameters<typeof LoopbackWorld>): Promise<number> => {
  world = new LoopbackWorld(...options);
  return (await world.begin()).connectionId;
};
/** One channel of a fresh session. */
const linked = async <C extends ChannelTypeNumber>(type: C, channelCaps: readonly number[] = []): Promise<BareClient<C>> => {
  const connectionId = await begin();
  return world.link(type, { connectionId, channelCaps });
};
afterEach(async () => {
  world.server.close();
  await world.host.settle();
});

const seen = (channel: string): Readonly<Record<string, unknown>> => world.server.observe().channels[channel] ?? {};

test('inputs: lock keys follow, four movements are one ACK, actions are remembered', async () => {
  const inputs = await linked(ChannelType.inputs);
  expect(inputs.first('init').value).toEqual({ modifiers: 0 });
  inputs.send('keyModifiers', { modifiers: 2 });
  inputs.send('keyModifiers', { modifiers: 2 });
  inputs.send('keyDown', { code: 0x1e });
  inputs.send('keyScancode', { scancodes: Uint8Array.of(0xe0, 0x4b) });
  inputs.send('mousePress', { button: 1, buttons: 1 });
  for (let x = 0; x < 9; x += 1) inputs.send('mousePosition', { x, y: 5, buttons: 0, displayId: 0 });
  await world.host.settle();
  expect([inputs.all('keyModifiers').length, inputs.all('mouseMotionAck').length]).toEqual([1, 2]);
  expect(seen('inputs/0')).toMatchObject({
    movements: 9, modifiers: 2, movement: { x: 8, y: 5 },
    actions: [{ kind: 'keyDown', value: { code: 0x1e } }, { kind: 'keyScancode', value: [0xe0, 0x4b] }, { kind: 'mousePress', value: { button: 1, buttons: 1 } }],
  });
});

test('cursor: a shape that moves, hides, and comes back, the second time from the client’s cache', async () => {
  const cursor = await linked(ChannelType.cursor);
  await world.host.advance(100 * 130);
  expect(cursor.messages[0]?.kind).toBe('setAck');
  expect(cursor.first('init').value.cursor.shape).toMatchObject({ width: 16, height: 16 });
  expect(cursor.all('move').length).toBeGreaterThan(80);
  expect(cursor.all('hide')).toHaveLength(3);
  expect(cursor.all('set').map(({ value }) => [value.cursor.flags, value.cursor.shape?.unique])).toEqual([[2, 2n], [4, 1n], [4, 2n]]);
  expect(world.server.observe().violations).toEqual({});
});

test('playback: MODE, START, VOLUME for those who know it, a tone, STOP, and again', async () => {
  const playback = await linked(ChannelType.playback, [0b0010]);
  await world.host.advance(4_000);
  expect(playback.messages.slice(0, 4).map(({ kind }) => kind)).toEqual(['mode', 'start', 'volume', 'mute']);
  expect([playback.all('stop').length, playback.all('start').length]).toEqual([1, 2]);
  expect(playback.first('data').value.data.byteLength).toBe((48_000 / 20) * 4);
  expect(new Set(playback.first('data').value.data).size).toBeGreaterThan(10);
});

test('record: the guest listens for a while, and hears who keeps the order', async () => {
  const record = await linked(ChannelType.record);
  expect(record.messages).toEqual([]);
  await world.host.advance(1_000);
  expect(record.first('start').value).toEqual({ channels: 2, format: 1, frequency: 44_100 });
  record.send('data', { time: 0, data: new Uint8Array(8) });
  record.send('mode', { time: 0, mode: 1, data: new Uint8Array(0) });
  record.send('startMark', { time: 0 });
  record.send('data', { time: 0, data: new Uint8Array(8) });
  await world.host.advance(2_000);
  expect(record.all('stop')).toHaveLength(1);
  expect(world.server.observe().violations).toEqual({ 'record:data-before-mark': 1 });
  expect(seen('record/0')).toMatchObject({ packets: 2, bytes: 16, recording: false });
});

test('idle is silent everywhere', async () => {
  const connectionId = await begin({ scene: 'idle' });
  const cursor = await world.link(ChannelType.cursor, { connectionId });
  const playback = await world.link(ChannelType.playback, { connectionId });
  const record = await world.link(ChannelType.record, { connectionId });
  await world.host.advance(120_000);
  expect([cursor, playback, record].map(({ messages }) => messages.map(({ kind }) => kind))).toEqual([['setAck', 'init'], ['mode'], []]);
});

test('byte streams: a port that echoes, a closed webdav port, the hello of a USB slot', async () => {
  const connectionId = await begin();
  const port = await world.link(ChannelType.port, { connectionId });
  const webdav = await world.link(ChannelType.webdav, { connectionId });
  const usbredir = await world.link(ChannelType.usbredir, { connectionId });
  port.send('data', { data: Uint8Array.of(1, 2, 3) });
  await world.host.settle();
  expect(port.first('init').value.opened).toBe(1);
  expect(port.all('data').map(({ value }) => Buffer.from(value.data).toString('latin1'))).toEqual(['hello\n', '\x01\x02\x03']);
  expect(webdav.first('init').value).toMatchObject({ opened: 0, name: new TextEncoder().encode('org.spice-space.webdav.0\0') });
  const hello = usbredir.first('data').value.data;
  // Type 0, length of version and one capability word, id 0.
  expect([hello.byteLength, [...hello.subarray(0, 12)]]).toEqual([80, [0, 0, 0, 0, 68, 0, 0, 0, 0, 0, 0, 0]]);
});
