// Byte streams: usbredir, port, webdav and record, as far as this client takes part: the link stays healthy, the server's
// opening words are understood, and what nobody here consumes is let go and named as a gap, once.

import { channelName, PortEvent, type ChannelTypeNumber } from '../constants.ts';
import type { PortServerMessage, RecordServerMessage, UsbredirServerMessage } from '../message.ts';
import { emit, gap, noEffects, type ChannelBehavior, type Step } from './channel.ts';
import { textOf } from './text.ts';

export interface ByteStreamState {
  readonly name: string | null;
  readonly opened: boolean;
  readonly bytesLetGo: number;
}

type ByteStreamMessage = UsbredirServerMessage | PortServerMessage | RecordServerMessage;

const initial: ByteStreamState = { name: null, opened: false, bytesLetGo: 0 };

function stepMessage(type: ChannelTypeNumber, state: ByteStreamState, message: ByteStreamMessage): Step<ByteStreamState> {
  switch (message.kind) {
    case 'data':
      return letGo(type, state, message.value.data.length);
    case 'compressedData':
      return letGo(type, state, message.value.block.kind === 'unknown' ? 0 : message.value.block.data.length);
    case 'init': {
      const next: ByteStreamState = { ...state, name: textOf(message.value.name), opened: message.value.opened !== 0 };
      return { state: next, effects: [emit({ kind: 'portOpened', name: next.name ?? '', opened: next.opened })] };
    }
    case 'event': {
      if (message.value.event === PortEvent.break) return { state, effects: noEffects };
      const next: ByteStreamState = { ...state, opened: message.value.event === PortEvent.opened };
      return { state: next, effects: [emit({ kind: 'portOpened', name: next.name ?? '', opened: next.opened })] };
    }
    case 'start':
      return { state, effects: [gap('record:start:unheard', 'the guest records; no microphone is offered, it hears silence')] };
    default:
      return { state, effects: noEffects };
  }
}

function letGo(type: ChannelTypeNumber, state: ByteStreamState, bytes: number): Step<ByteStreamState> {
  const name = channelName(type);
  return { state: { ...state, bytesLetGo: state.bytesLetGo + bytes }, effects: [gap(`${name}:data:unread`, `data on ${name} has no consumer here and is let go`)] };
}

/** The behaviour for one of the byte-stream channel types. */
export function byteStreamBehavior(type: ChannelTypeNumber): ChannelBehavior<ByteStreamState, ByteStreamMessage> {
  return {
    type,
    capabilities: [],
    initial,
    step: (state, input) => (input.kind === 'message' ? stepMessage(type, state, input.message) : { state, effects: noEffects }),
    describe: (state) => ({ ...state }),
  };
}
