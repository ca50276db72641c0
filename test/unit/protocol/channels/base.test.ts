import { describe, expect, test } from 'vitest';
import { stepBase } from '#app/protocol/channels/base.js';
import { behaviorFor } from '#app/protocol/channels/behaviors.js';
import { ChannelType, type ChannelTypeNumber } from '#app/protocol/constants.js';
import { parseServerMessage } from '#app/protocol/message.js';
import { hex } from '../../../golden/hand-laid.mjs';

const base = (type: number, ...body: string[]) => stepBase(ChannelType.display, parseServerMessage(ChannelType.display, { type, body: hex(...body) }));
const types: readonly ChannelTypeNumber[] = Object.values(ChannelType);

test('PING and SET_ACK are flow control and ask for nothing more', () => {
  expect(base(4, '01000000', '0000000000000000')).toEqual([]);
  expect(base(3, '01000000', '14000000')).toEqual([]);
});

test('NOTIFY becomes words; the NUL that spice-server adds behind them is none of them', () => {
  const [effect] = base(7, '0000000000000000', '01000000', '02000000', '00000000', '02000000', '6869', '00') ?? [];
  expect(effect).toEqual({ kind: 'emit', event: { kind: 'notified', severity: 1, visibility: 2, what: 0, text: 'hi' } });
});

test('DISCONNECTING is told with its reason; the close itself follows by itself', () => {
  expect(base(6, '0000000000000000', '07000000')).toEqual([{ kind: 'emit', event: { kind: 'serverDisconnecting', reason: 7 } }]);
});

test('WAIT_FOR_CHANNELS is a wait for every channel of its list', () => {
  expect(base(5, '02', '02', '01', '0900000000000000', '04', '00', 'ffffffffffffffff')).toEqual([
    {
      kind: 'awaitSerials',
      awaited: [
        { channelType: 2, channelId: 1, serial: 9n },
        { channelType: 4, channelId: 0, serial: 0xffff_ffff_ffff_ffffn },
      ],
      afterwards: [],
    },
  ]);
});

test('MIGRATE and MIGRATE_DATA send nothing: MIGRATE_FLUSH_MARK out of turn aborts QEMU', () => {
  expect(base(1, '01000000')).toMatchObject([{ kind: 'gap', gap: { key: 'display:migrate:migrate' } }]);
  expect(base(2, 'aabb')).toMatchObject([{ kind: 'gap', gap: { key: 'display:migrate:migrateData' } }]);
});

test('a number that nobody knows is a gap under its number, with its size', () => {
  expect(base(999, 'aabbcc')).toEqual([{ kind: 'gap', gap: { key: 'display:message:999', detail: 'message type 999, 3 bytes' } }]);
});

test('a body that does not fit its layout is a gap under its number', () => {
  expect(base(315, 'aa')).toMatchObject([{ kind: 'gap', gap: { key: 'display:malformed:315' } }]);
});

test('what belongs to the channel is left to the channel', () => {
  expect(base(102)).toBeNull();
});

describe('every channel type', () => {
  test.each(types)('%i has a behaviour of its own type that takes every input, and JSON to show', (type) => {
    const behavior = behaviorFor(type, { cacheId: 1, imageCachePixels: 1, glzWindowPixels: 1 });
    expect(behavior.type).toBe(type);
    const linked = behavior.step(behavior.initial, { kind: 'linked', channelCapabilities: [] });
    const commanded = behavior.step(linked.state, { kind: 'command', command: { kind: 'recheckWait' }, nowMs: 0 });
    expect(commanded).toEqual({ state: linked.state, effects: [] });
    expect(JSON.parse(JSON.stringify(behavior.describe(commanded.state)))).toEqual(behavior.describe(commanded.state));
  });
});
