// Everything between a socket and a picture, fed with a server's bytes: the splitter, sub-message lists, parsers, flow control, each
// channel's reducer and its painter or player; and beside them the link handshake of both sides, the agent's and webdav's streams.

import { agentHeaderBytes, parseAgentMessage } from '#app/protocol/agent.js';
import { createAgentReassembly, pushAgentData } from '#app/protocol/agent-reassembly.js';
import { catalog } from '#app/protocol/catalog.js';
import { stepBase } from '#app/protocol/channels/base.js';
import { behaviorFor } from '#app/protocol/channels/behaviors.js';
import type { ChannelEffect } from '#app/protocol/channels/channel.js';
import { answerListed, initialFlow, stepFlow, type FlowInput } from '#app/protocol/channels/flow.js';
import { ChannelType, channelName, clientCommonCapabilities, type ChannelTypeNumber } from '#app/protocol/constants.js';
import { createFrameSplitter, push, type Frame } from '#app/protocol/frame-splitter.js';
import { beginServerLink, stepServerLink } from '#app/protocol/link-acceptance.js';
import { beginClientLink, stepClientLink } from '#app/protocol/link-handshake.js';
import { agentMessageBytesMax, messageBodyBytesMax } from '#app/protocol/limits.js';
import { parseServerMessage, serializeOutgoing, type AnyServerMessage } from '#app/protocol/message.js';
import { expandFrame } from '#app/protocol/sub-messages.js';
import { createMuxSplitter, pushMux } from '#app/protocol/webdav-mux.js';
import { WireError } from '#app/protocol/wire/wire-error.js';
import { DisplayPainter } from '#app/actors/display-painter.js';
import { PointerPainter } from '#app/actors/pointer-painter.js';
import { soundCounterNames } from '#app/actors/audio-mail.js';
import { PlaybackPlayer } from '#app/actors/playback-player.js';
import { pointerCellBytes } from '#app/actors/channel-args.js';
import { blockBytes } from '#app/audio/sound-format.js';
import { createVolumeControl } from '#app/audio/volume-control.js';
import { createCell } from '#app/mailbox/cell.js';
import { createCounters } from '#app/mailbox/counters.js';
import { defaultSurfaceLimits } from '#app/surface/surface-table.js';
import { imagePixelsMax } from '#app/decode/pixel-buffer.js';
import type { Seeded } from '../simulation/seeded.ts';
import { agentMessages, linkExchanges, serverMessagesOf, type GoldenMessage } from './golden-inputs.ts';
import { mutate } from './mutate.ts';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import { createMultiMediaClock } from '#app/protocol/multi-media-clock.js';
import { libraryJpeg } from '../support/jpeg.ts';
import { mib, type FuzzTarget } from './target.ts';

const miniHeaderBytes = 6;
const messagesMax = 5;
/** Effects that one message may ask for: a list of channels or of resources gives one each. */
const effectsPerByteMax = 2;
const effectsMin = 64;
const displayOffer = { cacheId: 1, imageCachePixels: 20 * mib, glzWindowPixels: 4 * mib };
/** The primary that most drawing needs: SURFACE_CREATE of 128 x 128 pixels, xRGB. */
const primary: GoldenMessage = { type: 314, body: Uint8Array.from([0, 0, 0, 0, 128, 0, 0, 0, 128, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0]) };

function framed({ type, body }: GoldenMessage): Uint8Array {
  const bytes = new Uint8Array(miniHeaderBytes + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, type, true);
  view.setUint32(2, body.length, true);
  bytes.set(body, miniHeaderBytes);
  return bytes;
}

const concatenated = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

/** A few messages, most of them changed; now and then the stream itself. */
function makeMessages(golden: readonly GoldenMessage[], random: Seeded, first: GoldenMessage | null): Uint8Array {
  const bodies = golden.map(({ body }) => body);
  const messages = Array.from({ length: random.between(1, messagesMax) }, () => {
    const { type, body } = random.pick(golden);
    const changed = random.chance(0.85) ? mutate(body, random, bodies) : body;
    return framed({ type: random.chance(0.03) ? random.between(1, 330) : type, body: changed });
  });
  const stream = concatenated(first === null || random.chance(0.1) ? messages : [framed(first), ...messages]);
  return random.chance(0.08) ? mutate(stream, random, bodies) : stream;
}

/** Cut where the bytes themselves say, so that an input alone decides everything. */
function* chunks(input: Uint8Array): Generator<Uint8Array> {
  const step = 1 + ((input[input.length >> 1] ?? 0) % 251) * 5;
  for (let at = 0; at < input.length; at += step) yield input.slice(at, at + step);
}

interface Painter {
  paint(message: AnyServerMessage): { readonly gaps: readonly { readonly key: string }[] } | null;
  describe(): unknown;
}

function painterOf(type: ChannelTypeNumber): Painter | null {
  // A painter is given the messages of its own channel only.
  if (type === ChannelType.display) return new DisplayPainter({ displayOffer, trackCoverage: true, multiMediaClock: createMultiMediaClock() }, 1, libraryJpeg, createVirtualHost({ seed: 1 })) as unknown as Painter;
  return type === ChannelType.cursor ? (new PointerPainter(createCell(pointerCellBytes)) as unknown as Painter) : null;
}

/** What it would tell the audio actor is looked at and let go. */
function playerOf(type: ChannelTypeNumber): PlaybackPlayer | null {
  if (type !== ChannelType.playback) return null;
  return new PlaybackPlayer({ volume: createVolumeControl({ percent: 37, muted: false }), counters: createCounters(soundCounterNames) }, {
    from: 'playback/0', to: 'audio', send: () => Promise.reject(new Error('a player waits for nobody')),
    tell: ({ format, pcm }) => {
      if (pcm.byteLength === 0 || pcm.byteLength % blockBytes(format) !== 0) throw new Error(`${pcm.byteLength} bytes are no samples`);
      return 'accepted';
    },
  }, () => 0);
}

class FuzzedChannel {
  readonly tokens = new Set<string>();
  readonly #type: ChannelTypeNumber;
  readonly #behavior;
  readonly #painter: Painter | null;
  readonly #player: PlaybackPlayer | null;
  #state: unknown;
  #flow = initialFlow;
  #effects = 0;

  constructor(type: ChannelTypeNumber) {
    this.#type = type;
    this.#behavior = behaviorFor(type, displayOffer);
    this.#painter = painterOf(type);
    this.#player = playerOf(type);
    this.#state = this.#behavior.initial;
  }

  run(input: Uint8Array): readonly string[] {
    this.#apply(this.#behavior.step(this.#state, { kind: 'linked', channelCapabilities: [] }));
    const splitter = createFrameSplitter({ header: 'mini', bodyBytesMax: messageBodyBytesMax });
    for (const chunk of chunks(input)) {
      let frames: readonly Frame[];
      let lost: WireError | null = null;
      try {
        frames = push(splitter, chunk);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        lost = error;
        frames = splitter.completed;
      }
      for (const frame of frames) this.#take(frame);
      if (lost !== null) this.tokens.add(`framing:${lost.code}`);
      if (lost !== null) break;
    }
    JSON.stringify([this.#behavior.describe(this.#state), this.#painter?.describe()]);
    if (this.#effects > effectsMin + effectsPerByteMax * input.length) throw new Error(`${this.#effects} effects for ${input.length} bytes`);
    return [...this.tokens];
  }

  #take(frame: Frame): void {
    const expanded = expandFrame(frame);
    for (const each of expanded.frames) if (each !== frame) this.#flow = answerListed(this.#flow, this.#flowInput(each)).state;
    const flow = stepFlow(this.#flow, this.#flowInput(frame));
    this.#flow = flow.state;
    for (const reply of flow.replies) serializeOutgoing(this.#type, reply, { header: 'mini' });
    for (const each of expanded.frames) this.#handle(parseServerMessage(this.#type, each));
    if (expanded.error !== null) this.tokens.add(`list:${expanded.error.code}`);
  }

  #flowInput(frame: Frame): FlowInput {
    if (frame.type !== 3 && frame.type !== 4) return { kind: 'other' };
    const message = parseServerMessage(this.#type, frame);
    if (message.kind === 'ping') return { kind: 'ping', id: message.value.id, timestamp: message.value.timestamp };
    return message.kind === 'setAck' ? { kind: 'setAck', generation: message.value.generation, window: message.value.window } : { kind: 'other' };
  }

  #handle(message: AnyServerMessage): void {
    this.tokens.add(message.kind === 'malformed' ? `malformed:${message.error.code}:${message.error.field}` : message.kind);
    const base = stepBase(this.#type, message);
    if (base === null) this.#apply(this.#behavior.step(this.#state, { kind: 'message', message, nowMs: 1_000 }));
    else for (const effect of base) this.#perform(effect);
  }

  #apply(step: { readonly state: unknown; readonly effects: readonly ChannelEffect[] }): void {
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: ChannelEffect): void {
    this.#effects += 1;
    switch (effect.kind) {
      case 'send':
        serializeOutgoing(this.#type, effect.outgoing, { header: 'mini' });
        return;
      case 'emit':
        this.tokens.add(`event:${effect.event.kind}`);
        return;
      case 'gap':
        // Keys with a peer's number in them are as many as there are numbers.
        this.tokens.add(`gap:${effect.gap.key.replace(/\d+/g, 'N')}`);
        return;
      case 'paint':
      case 'point':
        for (const { key } of this.#painter?.paint(effect.message)?.gaps ?? []) this.tokens.add(`gap:${key.replace(/\d+/g, 'N')}`);
        return;
      case 'play':
        for (const { key } of this.#player?.play(effect.message) ?? []) this.tokens.add(`gap:${key.replace(/\d+/g, 'N')}`);
        return;
      case 'setMultiMediaTime':
        return;
      case 'awaitSerials':
        for (const each of effect.afterwards) this.#perform(each);
        return;
    }
  }
}

function channelTarget(type: ChannelTypeNumber): FuzzTarget {
  const recorded = serverMessagesOf(type);
  // Record says little; its byte-stream kin have at least the base messages.
  const golden = recorded.length > 0 ? recorded : serverMessagesOf(ChannelType.port);
  return {
    name: `channel-${channelName(type)}`,
    kind: 'message',
    // The largest image, what its codec needs beside it, all surfaces, and the map of what was drawn: each as it is declared.
    bytesMax: type === ChannelType.display ? 2 * imagePixelsMax * 4 + defaultSurfaceLimits.bytesMax * 2 : 8 * mib,
    make: (random) => makeMessages(golden, random, type === ChannelType.display ? primary : null),
    run: (input) => new FuzzedChannel(type).run(input),
  };
}

const linkOptions = { connectionId: 0, channelType: 1, channelId: 0, commonCaps: clientCommonCapabilities, channelCaps: [], password: 'secret' };

function linkTargets(): readonly FuzzTarget[] {
  const exchanges = linkExchanges();
  const make = (seeds: readonly Uint8Array[]) => (random: Seeded) => mutate(random.pick(seeds), random, seeds);
  return [
    {
      name: 'link-client',
      kind: 'message',
      bytesMax: mib,
      make: make(exchanges.server),
      run: (input) => {
        const tokens: string[] = [];
        let { state } = beginClientLink(linkOptions);
        const take = (step: ReturnType<typeof stepClientLink>): void => {
          ({ state } = step);
          for (const effect of step.effects) {
            tokens.push(effect.kind === 'failed' ? `failed:${effect.error.kind}` : effect.kind);
            if (effect.kind === 'encryptTicket') take(stepClientLink(state, { kind: 'ticketEncrypted', encrypted: new Uint8Array(128) }));
          }
        };
        for (const bytes of chunks(input)) take(stepClientLink(state, { kind: 'bytes', bytes }));
        take(stepClientLink(state, { kind: 'closed' }));
        return tokens;
      },
    },
    {
      name: 'link-server',
      kind: 'message',
      bytesMax: mib,
      make: make(exchanges.client),
      run: (input) => {
        const tokens: string[] = [];
        let state = beginServerLink();
        const take = (step: ReturnType<typeof stepServerLink>): void => {
          ({ state } = step);
          for (const effect of step.effects) {
            tokens.push(effect.kind === 'failed' ? `failed:${effect.error.kind}` : effect.kind);
            if (effect.kind === 'requested') take(stepServerLink(state, { kind: 'answered', error: 0, publicKeyDer: new Uint8Array(162), commonCaps: clientCommonCapabilities, channelCaps: [] }));
            if (effect.kind === 'checkTicket') take(stepServerLink(state, { kind: 'ticketChecked', code: 0 }));
          }
        };
        for (const bytes of chunks(input)) take(stepServerLink(state, { kind: 'bytes', bytes }));
        take(stepServerLink(state, { kind: 'closed' }));
        return tokens;
      },
    },
  ];
}

function agentTarget(): FuzzTarget {
  const seeds = agentMessages().map(({ type, body }) => {
    const bytes = new Uint8Array(agentHeaderBytes + body.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 1, true);
    view.setUint32(4, type, true);
    view.setUint32(16, body.length, true);
    bytes.set(body, agentHeaderBytes);
    return bytes;
  });
  const dialects = [true, false].flatMap((clipboardSelection) => [true, false].map((clipboardGrabSerial) => ({ clipboardSelection, clipboardGrabSerial })));
  return {
    name: 'agent',
    kind: 'message',
    bytesMax: 2 * mib,
    make: (random) => concatenated(Array.from({ length: random.between(1, messagesMax) }, () => mutate(random.pick(seeds), random, seeds))),
    run: (input) => {
      const tokens: string[] = [];
      const reassembly = createAgentReassembly(agentMessageBytesMax);
      for (const chunk of chunks(input)) {
        for (const piece of pushAgentData(reassembly, chunk)) {
          if (piece.kind === 'oversize') tokens.push('oversize');
          else for (const dialect of dialects) {
            const message = parseAgentMessage(dialect, piece.type, piece.payload);
            tokens.push(message.kind === 'malformed' ? `malformed:${message.error.code}:${message.error.field}` : message.kind);
          }
        }
      }
      return tokens;
    },
  };
}

const muxTarget: FuzzTarget = {
  name: 'webdav-mux',
  kind: 'message',
  bytesMax: mib,
  make: (random) => {
    const frame = Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 65, 66, 67]);
    return mutate(concatenated([frame, frame]), random, [frame]);
  },
  run: (input) => {
    const splitter = createMuxSplitter();
    return [...chunks(input)].flatMap((chunk) => pushMux(splitter, chunk).map(({ data }) => (data.length === 0 ? 'closed' : 'data')));
  },
};

// Every type that has a reducer is in the catalogue.
const channelTypes = Object.keys(catalog).map(Number) as ChannelTypeNumber[];
export const messageTargets: readonly FuzzTarget[] = [...channelTypes.map(channelTarget), ...linkTargets(), agentTarget(), muxTarget];
