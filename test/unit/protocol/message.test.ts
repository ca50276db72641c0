import { describe, expect, it } from 'vitest';
import { catalog } from '#app/protocol/catalog.js';
import { ChannelType, capabilityWords, channelName, hasCapability } from '#app/protocol/constants.js';
import { parseMessage, serializeMessage } from '#app/protocol/message.js';
import { hex } from '../../golden/hand-laid.mjs';

describe('parseMessage', () => {
  it('a number that nobody knows is a message that keeps its bytes', () => {
    const body = hex('01 02');
    expect(parseMessage(ChannelType.cursor, 'server', { type: 4242, body })).toEqual({ kind: 'unknown', type: 4242, body });
  });

  it('a body that does not fit is a message that names channel, message and field', () => {
    const message = parseMessage(ChannelType.main, 'server', { type: 103, body: hex('01 00 00 00', '02') });
    expect(message).toMatchObject({ kind: 'malformed', type: 103, error: { code: 'truncated', field: 'main.server.init.displayChannelsHint' } });
  });

  it('the same number means another message on another channel and from the other side', () => {
    const body = hex('02 00');
    expect(parseMessage(ChannelType.inputs, 'server', { type: 101, body }).kind).toBe('init');
    expect(parseMessage(ChannelType.main, 'client', { type: 105, body })).toMatchObject({ kind: 'mouseModeRequest', value: { mode: 2 } });
    expect(parseMessage(ChannelType.port, 'client', { type: 201, body: hex('01') })).toMatchObject({ kind: 'event', value: { event: 1 } });
    expect(parseMessage(ChannelType.port, 'server', { type: 202, body: hex('01') })).toMatchObject({ kind: 'event', value: { event: 1 } });
  });

  it('MOUSE_MODE is two 16-bit fields, INIT has 32-bit ones', () => {
    const message = parseMessage(ChannelType.main, 'server', { type: 105, body: hex('03 00', '02 00') });
    expect(message).toEqual({ kind: 'mouseMode', type: 105, value: { supportedModes: 3, currentMode: 2 }, trailingBytes: 0 });
  });

  it('a rectangle is top, left, bottom, right', () => {
    const body = hex('00 00 00 00', '01 00 00 00', '02 00 00 00', '03 00 00 00', '04 00 00 00', '00', '05 00 00 00', '06 00 00 00');
    expect(parseMessage(ChannelType.display, 'server', { type: 104, body })).toMatchObject({
      value: { base: { box: { top: 1, left: 2, bottom: 3, right: 4 } }, srcPos: { x: 5, y: 6 } },
    });
  });

  it('a million clip rectangles in a small body are refused without being allocated', () => {
    const body = hex('00 00 00 00', '00 00 00 00'.repeat(4), '01', 'ff ff 0f 00', '00 00');
    expect(parseMessage(ChannelType.display, 'server', { type: 104, body })).toMatchObject({ kind: 'malformed', error: { code: 'truncated' } });
  });

  it('a bitmap of 2^64 bytes is refused', () => {
    const body = hex(
      '00 00 00 00', '00 00 00 00'.repeat(4), '00', '39 00 00 00', '00 00 00 00'.repeat(4), '08 00', '01', '00', '00 00 00 00'.repeat(2), '00 00 00 00',
      '00 00 00 00 00 00 00 00', '00', '00', '01 00 00 00', '01 00 00 00', // BITMAP
      '08', '00', 'ff ff ff ff', 'ff ff ff ff', 'ff ff ff ff', '00 00 00 00',
    );
    expect(parseMessage(ChannelType.display, 'server', { type: 304, body })).toMatchObject({
      kind: 'malformed',
      error: { code: 'countLimit', field: 'display.server.drawCopy.srcImage.body(bitmap).data' },
    });
  });

  it('text whose flags name no glyph depth is refused', () => {
    const body = hex(
      '00 00 00 00', '00 00 00 00'.repeat(4), '00', '2f 00 00 00', '00 00 00 00'.repeat(4), '00', '00', '00 00', '00 00', // string at 47
      '01 00', '03',
    );
    expect(parseMessage(ChannelType.display, 'server', { type: 311, body })).toMatchObject({ kind: 'malformed', error: { code: 'invalid', value: 3 } });
  });
});

describe('serializeMessage', () => {
  it('a mini header is type and size', () => {
    expect(serializeMessage(ChannelType.inputs, 'client', 'keyDown', { code: 0x4be0 })).toEqual(hex('65 00', '04 00 00 00', 'e0 4b 00 00'));
  });

  it('a full header is serial, type, size and no sub-message list', () => {
    const bytes = serializeMessage(ChannelType.inputs, 'client', 'keyUp', { code: 0xcbe0 }, { header: 'full', serial: 7 });
    expect(bytes).toEqual(hex('07 00 00 00 00 00 00 00', '66 00', '04 00 00 00', '00 00 00 00', 'e0 cb 00 00'));
  });

  it('offsets behind a full header count from the body, not from the header', () => {
    const value = { name: hex('61 00'), opened: 1 };
    const bytes = serializeMessage(ChannelType.port, 'server', 'init', value, { header: 'full', serial: 1 });
    expect(bytes.subarray(18)).toEqual(hex('02 00 00 00', '09 00 00 00', '01', '61 00'));
  });

  it('the buffer is the message and nothing else: it can be transferred', () => {
    const bytes = serializeMessage(ChannelType.main, 'client', 'attachChannels', {});
    expect(bytes.byteLength).toBe(6);
    expect(bytes.buffer.byteLength).toBe(6);
  });
});

describe('the catalogue', () => {
  it('gives no number twice within a channel and direction', () => {
    for (const { server, client } of Object.values(catalog)) {
      for (const table of [server, client]) {
        const numbers = Object.values(table).map((entry) => entry.type);
        expect(new Set(numbers).size).toBe(numbers.length);
      }
    }
  });

  it('has every message of the protocol description: 18 + 12 main, 34 + 5 display, 3 + 8 inputs, 8 cursor, 7 playback, 4 + 3 record', () => {
    const own = (table: Record<string, { type: number }>): number => Object.values(table).filter((entry) => entry.type > 100).length;
    const counts = Object.values(catalog).map(({ server, client }) => [own(server), own(client)]);
    expect(counts).toEqual([[18, 12], [34, 5], [3, 8], [8, 0], [7, 0], [4, 3], [1, 1], [2, 2], [4, 3], [4, 3]]);
  });
});

describe('names and bits', () => {
  it('a channel type has a name, also one that nobody defines', () => {
    expect([channelName(2), channelName(7)]).toEqual(['display', 'channel7']);
  });

  it('capability n is bit n mod 32 of word n / 32; missing words read as zero', () => {
    expect(capabilityWords([0, 1, 3, 33])).toEqual([0xb, 2]);
    expect(capabilityWords([31])).toEqual([0x80000000]);
    expect([0, 2, 33, 64].map((bit) => hasCapability([0xb, 2], bit))).toEqual([true, false, true, false]);
    expect(hasCapability([0x80000000], 31)).toBe(true);
  });
});
