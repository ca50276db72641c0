import { describe, expect, test } from 'vitest';
import { byteStreamBehavior } from '#app/protocol/channels/byte-stream.js';
import { ChannelType } from '#app/protocol/constants.js';
import { driveChannel } from '../../../support/driven-channel.ts';

describe('port', () => {
  test('INIT and EVENT tell whether the guest has it open; BREAK changes nothing', () => {
    const port = driveChannel(byteStreamBehavior(ChannelType.port));
    // name size 4, name at 9, opened; `com` and its NUL
    expect(port.message(201, '04000000', '09000000', '00', '636f6d00').events).toEqual([{ kind: 'portOpened', name: 'com', opened: false }]);
    expect(port.message(202, '00').events).toEqual([{ kind: 'portOpened', name: 'com', opened: true }]);
    expect(port.message(202, '02').effects).toEqual([]);
    expect(port.message(202, '01').events).toEqual([{ kind: 'portOpened', name: 'com', opened: false }]);
  });
});

describe('data that has no consumer', () => {
  test.each([[ChannelType.usbredir, 'usbredir'], [ChannelType.webdav, 'webdav'], [ChannelType.port, 'port']] as const)('on channel type %i is let go, counted, and one gap', (type, name) => {
    const channel = driveChannel(byteStreamBehavior(type));
    expect(channel.message(101, 'aabb')).toMatchObject({ sent: [], gaps: [`${name}:data:unread`] });
    expect(channel.message(102, '01', '04000000', 'cc').gaps).toEqual([`${name}:data:unread`]);
    expect(channel.describe()).toMatchObject({ bytesLetGo: 3 });
  });

  test('compressed with a method that nobody knows, it is one too', () => {
    expect(driveChannel(byteStreamBehavior(ChannelType.usbredir)).message(102, '07', 'cc').gaps).toEqual(['usbredir:data:unread']);
  });

  test('smartcard has the same shape', () => {
    expect(driveChannel(byteStreamBehavior(ChannelType.smartcard)).message(101, '01000000', '00000000', '02000000', 'aabb').gaps).toEqual(['smartcard:data:unread']);
  });
});

test('a guest that records hears silence, and that is a gap', () => {
  expect(driveChannel(byteStreamBehavior(ChannelType.record)).message(101, '02000000', '0100', '80bb0000')).toMatchObject({ sent: [], gaps: ['record:start:unheard'] });
});
