// The channels that carry byte streams, the server's halves: a port that says hello and gives back what it is sent, a webdav port that
// nobody in the guest has opened, and a USB slot that introduces itself. No device and no share is behind them.

import { ChannelType, PortEvent } from '../../protocol/constants.ts';
import { nothing, serverMessages, violation, type ClientMessage, type ServerChannel, type ServerStep } from './server-channel.ts';

const text = new TextEncoder();

interface StreamState {
  readonly bytes: number;
  readonly open: boolean;
}

const initial = (): StreamState => ({ bytes: 0, open: true });
const observe = ({ bytes, open }: StreamState): Readonly<Record<string, unknown>> => ({ bytes, open });

/** A named stream that the guest's side has open: an echo. */
export function portServer(name: string): ServerChannel<10, StreamState> {
  const send = serverMessages(ChannelType.port);
  const onMessage = (state: StreamState, message: ClientMessage<10>): ServerStep<StreamState> => {
    switch (message.kind) {
      case 'data':
        // The body is a view of what came in; what is sent must be bytes of its own.
        return { state: { ...state, bytes: state.bytes + message.value.data.byteLength }, effects: [send('data', { data: message.value.data.slice() })] };
      case 'compressedData':
        return { state, effects: [violation('compression-not-offered')] };
      case 'event':
        return { state: { ...state, open: message.value.event === PortEvent.closed ? false : state.open }, effects: nothing };
    }
  };
  return {
    type: ChannelType.port,
    capabilities: [],
    initial,
    step(state, input) {
      if (input.kind === 'linked') return { state, effects: [send('init', { name: text.encode(`${name}\0`), opened: 1 }), send('data', { data: text.encode('hello\n') })] };
      return input.kind === 'message' ? onMessage(state, input.message) : { state, effects: nothing };
    },
    observe,
  };
}

/** The shared folder's port, closed: there is no guest to open it. */
export function webdavServer(): ServerChannel<11, StreamState> {
  const send = serverMessages(ChannelType.webdav);
  return {
    type: ChannelType.webdav,
    capabilities: [],
    initial: () => ({ bytes: 0, open: false }),
    step(state, input) {
      if (input.kind === 'linked') return { state, effects: [send('init', { name: text.encode('org.spice-space.webdav.0\0'), opened: 0 })] };
      if (input.kind !== 'message' || input.message.kind === 'event') return { state, effects: nothing };
      return { state, effects: [violation('data-while-closed')] };
    },
    observe,
  };
}

const helloVersionBytes = 64;
/** The guest's half understands nothing beyond the oldest packets. */
const helloCapabilities = 0;

/** usbredir's hello: type 0, length, a 32-bit id, then the version and capability words. */
function usbredirHello(): Uint8Array {
  const bytes = new Uint8Array(12 + helloVersionBytes + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, helloVersionBytes + 4, true);
  bytes.set(text.encode('ryll-actors loopback').subarray(0, helloVersionBytes - 1), 12);
  view.setUint32(12 + helloVersionBytes, helloCapabilities, true);
  return bytes;
}

/** An empty USB slot. */
export function usbredirServer(): ServerChannel<9, StreamState> {
  const send = serverMessages(ChannelType.usbredir);
  return {
    type: ChannelType.usbredir,
    capabilities: [],
    initial,
    step(state, input) {
      if (input.kind === 'linked') return { state, effects: [send('data', { data: usbredirHello() })] };
      if (input.kind !== 'message') return { state, effects: nothing };
      if (input.message.kind === 'compressedData') return { state, effects: [violation('compression-not-offered')] };
      return { state: { ...state, bytes: state.bytes + input.message.value.data.byteLength }, effects: nothing };
    },
    observe,
  };
}
