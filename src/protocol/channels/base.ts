// Base: the server messages that every channel may receive and that are handled in order with the channel's own ones (PING and
// SET_ACK are not here: `flow.ts` answers them before anything else). Pure; `null` means: not a base message.

import { channelName, type ChannelTypeNumber } from '../constants.ts';
import type { AnyServerMessage } from '../message.ts';
import { emit, gap, type ChannelEffect } from './channel.ts';
import { textOf } from './text.ts';

/** The effects of one base message, or `null` when the message belongs to the channel's own reducer. */
export function stepBase(channelType: ChannelTypeNumber, message: AnyServerMessage): readonly ChannelEffect[] | null {
  const name = channelName(channelType);
  switch (message.kind) {
    case 'ping':
    case 'setAck':
      return [];
    case 'notify':
      return [
        emit({
          kind: 'notified',
          severity: message.value.severity,
          visibility: message.value.visibility,
          what: message.value.what,
          text: textOf(message.value.message),
        }),
      ];
    case 'disconnecting':
      return [emit({ kind: 'serverDisconnecting', reason: message.value.reason })];
    case 'waitForChannels':
      return [{ kind: 'awaitSerials', awaited: message.value.waits.map(({ channelType: type, channelId, messageSerial }) => ({ channelType: type, channelId, serial: messageSerial })), afterwards: [] }];
    case 'migrate':
    case 'migrateData':
      // Never answered with MIGRATE_FLUSH_MARK: out of turn it aborts QEMU (measured on spice-server 0.15.1).
      return [gap(`${name}:migrate:${message.kind}`, 'the server is migrating the guest; following it is not supported')];
    case 'unknown':
      return [gap(`${name}:message:${message.type}`, `message type ${message.type}, ${message.body.length} bytes`)];
    case 'malformed':
      return [gap(`${name}:malformed:${message.type}`, message.error.message)];
    default:
      return null;
  }
}
