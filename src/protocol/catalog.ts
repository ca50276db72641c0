// The one place that says which messages exist: number, name, layout, channel, direction. Parsers, serializers, message
// types, docs/wire-coverage.md and the tests are derived from it. It parses nothing itself.

import type { Layout } from './wire/layout.ts';
import { ChannelType } from './constants.ts';
import * as audio from './messages/audio.ts';
import * as base from './messages/base.ts';
import * as byteStream from './messages/byte-stream.ts';
import * as cursor from './messages/cursor.ts';
import * as draw from './messages/draw.ts';
import { image, palette } from './messages/image.ts';
import * as inputs from './messages/inputs.ts';
import * as main from './messages/main.ts';
import * as smartcard from './messages/smartcard.ts';
import * as stream from './messages/stream.ts';
import * as surface from './messages/surface.ts';

/** Who sends the message. */
export type Direction = 'server' | 'client';

export interface CatalogEntry<T> {
  readonly type: number;
  readonly layout: Layout<T>;
}

/** Messages of one channel and direction by the `kind` of their value. */
export type MessageTable = Readonly<Record<string, CatalogEntry<unknown>>>;

function message<T>(type: number, layout: Layout<T>): CatalogEntry<T> {
  return { type, layout };
}

const baseServer = {
  migrate: message(1, base.migrate),
  migrateData: message(2, base.migrateData),
  setAck: message(3, base.setAck),
  ping: message(4, base.ping),
  waitForChannels: message(5, base.waitForChannels),
  disconnecting: message(6, base.disconnecting),
  notify: message(7, base.notify),
  list: message(8, base.list),
} as const;

const baseClient = {
  ackSync: message(1, base.ackSync),
  ack: message(2, base.empty),
  pong: message(3, base.pong),
  migrateFlushMark: message(4, base.empty),
  migrateData: message(5, base.migrateData),
  disconnecting: message(6, base.disconnecting),
} as const;

const mainServer = {
  ...baseServer,
  migrateBegin: message(101, main.migrateBegin),
  migrateCancel: message(102, base.empty),
  init: message(103, main.mainInit),
  channelsList: message(104, main.channelsList),
  mouseMode: message(105, main.mouseMode),
  multiMediaTime: message(106, main.multiMediaTime),
  agentConnected: message(107, base.empty),
  agentDisconnected: message(108, main.agentDisconnected),
  agentData: message(109, main.agentData),
  agentToken: message(110, main.agentToken),
  migrateSwitchHost: message(111, main.migrateBegin),
  migrateEnd: message(112, base.empty),
  name: message(113, main.name),
  uuid: message(114, main.uuid),
  agentConnectedTokens: message(115, main.agentToken),
  migrateBeginSeamless: message(116, main.migrateBeginSeamless),
  migrateDstSeamlessAck: message(117, base.empty),
  migrateDstSeamlessNack: message(118, base.empty),
} as const;

const mainClient = {
  ...baseClient,
  clientInfo: message(101, main.clientInfo),
  migrateConnected: message(102, base.empty),
  migrateConnectError: message(103, base.empty),
  attachChannels: message(104, base.empty),
  mouseModeRequest: message(105, main.mouseModeRequest),
  agentStart: message(106, main.agentToken),
  agentData: message(107, main.agentData),
  agentToken: message(108, main.agentToken),
  migrateEnd: message(109, base.empty),
  migrateDstDoSeamless: message(110, main.migrateDstDoSeamless),
  migrateConnectedSeamless: message(111, base.empty),
  qualityIndicator: message(112, surface.qualityIndicator),
} as const;

const displayServer = {
  ...baseServer,
  mode: message(101, surface.mode),
  mark: message(102, base.empty),
  reset: message(103, base.empty),
  copyBits: message(104, draw.copyBits),
  invalList: message(105, surface.invalList),
  invalAllPixmaps: message(106, base.waitForChannels),
  invalPalette: message(107, surface.invalPalette),
  invalAllPalettes: message(108, base.empty),
  streamCreate: message(122, stream.streamCreate),
  streamData: message(123, stream.streamData),
  streamClip: message(124, stream.streamClip),
  streamDestroy: message(125, stream.streamDestroy),
  streamDestroyAll: message(126, base.empty),
  drawFill: message(302, draw.drawFill),
  drawOpaque: message(303, draw.drawOpaque),
  drawCopy: message(304, draw.drawCopy),
  drawBlend: message(305, draw.drawCopy),
  drawBlackness: message(306, draw.drawMasked),
  drawWhiteness: message(307, draw.drawMasked),
  drawInvers: message(308, draw.drawMasked),
  drawRop3: message(309, draw.drawRop3),
  drawStroke: message(310, draw.drawStroke),
  drawText: message(311, draw.drawText),
  drawTransparent: message(312, draw.drawTransparent),
  drawAlphaBlend: message(313, draw.drawAlphaBlend),
  surfaceCreate: message(314, surface.surfaceCreate),
  surfaceDestroy: message(315, surface.surfaceDestroy),
  streamDataSized: message(316, stream.streamDataSized),
  monitorsConfig: message(317, surface.monitorsConfig),
  drawComposite: message(318, draw.drawComposite),
  streamActivateReport: message(319, stream.streamActivateReport),
  glScanoutUnix: message(320, surface.glScanoutUnix),
  glDraw: message(321, surface.glDraw),
  qualityIndicator: message(322, surface.qualityIndicator),
} as const;

const displayClient = {
  ...baseClient,
  init: message(101, surface.displayInit),
  streamReport: message(102, stream.streamReport),
  preferredCompression: message(103, surface.preferredCompression),
  glDrawDone: message(104, base.empty),
  preferredVideoCodecType: message(105, surface.preferredVideoCodecType),
} as const;

const inputsServer = {
  ...baseServer,
  init: message(101, inputs.keyModifiers),
  keyModifiers: message(102, inputs.keyModifiers),
  mouseMotionAck: message(111, base.empty),
} as const;

const inputsClient = {
  ...baseClient,
  keyDown: message(101, inputs.key),
  keyUp: message(102, inputs.key),
  keyModifiers: message(103, inputs.keyModifiers),
  keyScancode: message(104, inputs.keyScancode),
  mouseMotion: message(111, inputs.mouseMotion),
  mousePosition: message(112, inputs.mousePosition),
  mousePress: message(113, inputs.mouseButton),
  mouseRelease: message(114, inputs.mouseButton),
} as const;

const cursorServer = {
  ...baseServer,
  init: message(101, cursor.cursorInit),
  reset: message(102, base.empty),
  set: message(103, cursor.cursorSet),
  move: message(104, cursor.cursorMove),
  hide: message(105, base.empty),
  trail: message(106, cursor.cursorTrail),
  invalOne: message(107, cursor.cursorInvalOne),
  invalAll: message(108, base.empty),
} as const;

const playbackServer = {
  ...baseServer,
  data: message(101, audio.audioData),
  mode: message(102, audio.audioMode),
  start: message(103, audio.playbackStart),
  stop: message(104, base.empty),
  volume: message(105, audio.volume),
  mute: message(106, audio.mute),
  latency: message(107, audio.latency),
} as const;

const recordServer = {
  ...baseServer,
  start: message(101, audio.recordStart),
  stop: message(102, base.empty),
  volume: message(103, audio.volume),
  mute: message(104, audio.mute),
} as const;

const recordClient = {
  ...baseClient,
  data: message(101, audio.audioData),
  mode: message(102, audio.audioMode),
  startMark: message(103, audio.startMark),
} as const;

const smartcardServer = { ...baseServer, data: message(101, smartcard.smartcard) } as const;
const smartcardClient = { ...baseClient, data: message(101, smartcard.smartcard) } as const;

const vmc = { data: message(101, byteStream.vmcData), compressedData: message(102, byteStream.vmcCompressedData) } as const;
const vmcServer = { ...baseServer, ...vmc } as const;
const vmcClient = { ...baseClient, ...vmc } as const;

const portServer = { ...vmcServer, init: message(201, byteStream.portInit), event: message(202, byteStream.portEvent) } as const;
// EVENT is 202 from the server but 201 from the client (`spice.proto`).
const portClient = { ...vmcClient, event: message(201, byteStream.portEvent) } as const;

/** Structures that several messages share, by the names that descriptions print. */
export const structures = { ...draw.structures, palette, image } as const;

/** Every message of every channel, both ways, by channel type. */
export const catalog = {
  [ChannelType.main]: { server: mainServer, client: mainClient },
  [ChannelType.display]: { server: displayServer, client: displayClient },
  [ChannelType.inputs]: { server: inputsServer, client: inputsClient },
  [ChannelType.cursor]: { server: cursorServer, client: baseClient },
  [ChannelType.playback]: { server: playbackServer, client: baseClient },
  [ChannelType.record]: { server: recordServer, client: recordClient },
  [ChannelType.smartcard]: { server: smartcardServer, client: smartcardClient },
  [ChannelType.usbredir]: { server: vmcServer, client: vmcClient },
  [ChannelType.port]: { server: portServer, client: portClient },
  [ChannelType.webdav]: { server: portServer, client: portClient },
} as const;
export type Catalog = typeof catalog;
