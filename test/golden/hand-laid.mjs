// Message bodies laid by hand from the protocol's description, for messages that no captured session has. The bytes are
// written as hex, field by field, not by the serializer: a reader and a writer that share a misunderstanding would both
// pass a round trip. JavaScript, because scripts/wire-coverage.mjs reads it too.

/** Bytes of hex pieces; spaces are for the eye. */
export function hex(...pieces) {
  return Uint8Array.from(pieces.join('').replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const server = (channelType, type, kind, body, value) => ({ channelType, direction: 'server', type, kind, body, value });
const client = (channelType, type, kind, body, value) => ({ channelType, direction: 'client', type, kind, body, value });

const ONE_TO_EIGHT = '01 02 03 04 05 06 07 08'; // as a u64: 0x0807060504030201
const U64 = 0x0807060504030201n;

export const handLaidMessages = [
  // Every channel
  server(2, 5, 'waitForChannels', hex(
    '02', // count
    '02 01', ONE_TO_EIGHT, // display/1, serial
    '04 00', '0a 00 00 00 00 00 00 00', // cursor/0, serial 10
  ), { waits: [{ channelType: 2, channelId: 1, messageSerial: U64 }, { channelType: 4, channelId: 0, messageSerial: 10n }] }),
  server(1, 6, 'disconnecting', hex(ONE_TO_EIGHT, '07 00 00 00'), { timeStamp: U64, reason: 7 }),
  server(2, 7, 'notify', hex(ONE_TO_EIGHT, '02 00 00 00', '01 00 00 00', '05 00 00 00', '03 00 00 00', '68 69 21'),
    { timeStamp: U64, severity: 2, visibility: 1, what: 5, message: hex('68 69 21') }),
  server(2, 8, 'list', hex(
    '01 00', '06 00 00 00', // one offset: 6
    '04 00', '0c 00 00 00', '01 00 00 00', ONE_TO_EIGHT, // a PING of 12 bytes
  ), { offsets: [6], subMessages: hex('04 00', '0c 00 00 00', '01 00 00 00', ONE_TO_EIGHT) }),
  client(1, 6, 'disconnecting', hex(ONE_TO_EIGHT, '00 00 00 00'), { timeStamp: U64, reason: 0 }),

  // Main
  server(1, 102, 'migrateCancel', hex(), {}),
  server(1, 107, 'agentConnected', hex(), {}),
  server(1, 111, 'migrateSwitchHost', hex(
    '0c 17', // port 5900
    '0d 17', // TLS port 5901
    '05 00 00 00', '14 00 00 00', // host: 5 bytes at 20
    '03 00 00 00', '19 00 00 00', // certificate subject: 3 bytes at 25
    '68 6f 73 74 00', '43 4e 00',
  ), { port: 5900, sport: 5901, hostData: hex('68 6f 73 74 00'), certSubjectData: hex('43 4e 00') }),
  server(1, 115, 'agentConnectedTokens', hex('0a 00 00 00'), { numTokens: 10 }),
  server(1, 118, 'migrateDstSeamlessNack', hex(), {}),
  client(1, 101, 'clientInfo', hex('00 00 40 01 00 00 00 00'), { cacheSize: 0x1400000n }),
  client(1, 103, 'migrateConnectError', hex(), {}),
  client(1, 108, 'agentToken', hex('05 00 00 00'), { numTokens: 5 }),
  client(1, 112, 'qualityIndicator', hex('6c 61 67'), { text: hex('6c 61 67') }),

  // Display
  server(2, 101, 'mode', hex('80 02 00 00', 'e0 01 00 00', '20 00 00 00'), { xRes: 640, yRes: 480, bits: 32 }),
  server(2, 103, 'reset', hex(), {}),
  server(2, 105, 'invalList', hex('02 00', '01', ONE_TO_EIGHT, '01', '09 00 00 00 00 00 00 00'),
    { resources: [{ type: 1, id: U64 }, { type: 1, id: 9n }] }),
  server(2, 106, 'invalAllPixmaps', hex('01', '02 00', '07 00 00 00 00 00 00 00'),
    { waits: [{ channelType: 2, channelId: 0, messageSerial: 7n }] }),
  server(2, 107, 'invalPalette', hex(ONE_TO_EIGHT), { id: U64 }),
  server(2, 126, 'streamDestroyAll', hex(), {}),
  server(2, 310, 'drawStroke', hex(
    '00 00 00 00', // surface
    '00 00 00 00', '01 00 00 00', '0a 00 00 00', '0b 00 00 00', '00', // box, no clip
    '28 00 00 00', // path at 40
    '0c', '02', '41 00 00 00', // start with gap, styled: 2 dashes at 65
    '01', '00 00 ff 00', // solid red
    '08 00', '00 00', // put
    '01 00 00 00', // one segment
    '03', '02 00 00 00', // begin and end, 2 points
    '18 00 00 00', 'f0 ff ff ff', // 1.5, -1
    '00 01 00 00', '08 00 00 00', // 16, 0.5
    '30 00 00 00', '08 00 00 00', // dashes 3 and 0.5
  ), {
    base: { surfaceId: 0, box: { top: 0, left: 1, bottom: 10, right: 11 }, clip: { kind: 'none' } },
    path: { segments: [{ flags: 3, points: [{ x: 1.5, y: -1 }, { x: 16, y: 0.5 }] }] },
    lineAttributes: { flags: 12, style: { dashes: [3, 0.5] } },
    brush: { kind: 'solid', color: 0xff0000 },
    foreMode: 8,
    backMode: 0,
  }),
  server(2, 318, 'drawComposite', hex(
    '00 00 00 00', // surface
    '00 00 00 00', '00 00 00 00', '01 00 00 00', '01 00 00 00', '00', // box, no clip
    '03 00 38 00', // over; mask, source transform, mask transform
    '59 00 00 00', '6b 00 00 00', // source at 89, mask at 107
    '00 00 01 00', '00 00 00 00', '00 80 ff ff', '00 00 00 00', '00 00 02 00', '00 00 00 00', // 1 0 -0.5 0 2 0
    '00 00 01 00', '00 00 00 00', '00 00 00 00', '00 00 00 00', '00 00 01 00', '00 00 00 00',
    '01 00', 'fe ff', '03 00', '04 00', // origins
    '05 00 00 00 00 00 00 00', '67', '00', '02 00 00 00', '03 00 00 00', // FROM_CACHE 5
    '06 00 00 00 00 00 00 00', '68', '00', '02 00 00 00', '03 00 00 00', '09 00 00 00', // surface 9
  ), {
    base: { surfaceId: 0, box: { top: 0, left: 0, bottom: 1, right: 1 }, clip: { kind: 'none' } },
    flags: 0x380003,
    srcImage: { id: 5n, type: 103, flags: 0, width: 2, height: 3, body: { kind: 'fromCache' } },
    maskImage: { id: 6n, type: 104, flags: 0, width: 2, height: 3, body: { kind: 'surface', surfaceId: 9 } },
    srcTransform: { t00: 1, t01: 0, t02: -0.5, t10: 0, t11: 2, t12: 0 },
    maskTransform: { t00: 1, t01: 0, t02: 0, t10: 0, t11: 1, t12: 0 },
    srcOrigin: { x: 1, y: -2 },
    maskOrigin: { x: 3, y: 4 },
  }),
  server(2, 316, 'streamDataSized', hex(
    '03 00 00 00', 'e8 03 00 00', // stream 3 at 1000 ms
    '40 01 00 00', 'f0 00 00 00', // 320 by 240
    '01 00 00 00', '02 00 00 00', 'f1 00 00 00', '42 01 00 00', // top left bottom right
    '02 00 00 00', 'ff d8',
  ), { id: 3, multiMediaTime: 1000, width: 320, height: 240, dest: { top: 1, left: 2, bottom: 241, right: 322 }, data: hex('ff d8') }),
  server(2, 320, 'glScanoutUnix', hex('00 04 00 00', '00 03 00 00', '00 10 00 00', '58 52 32 34', '01 00 00 00'),
    { width: 1024, height: 768, stride: 4096, drmFourcc: 0x34325258, flags: 1 }),
  server(2, 321, 'glDraw', hex('01 00 00 00', '02 00 00 00', '03 00 00 00', '04 00 00 00'), { x: 1, y: 2, width: 3, height: 4 }),
  server(2, 322, 'qualityIndicator', hex('78'), { text: hex('78') }),
  client(2, 104, 'glDrawDone', hex(), {}),
  client(2, 105, 'preferredVideoCodecType', hex('02', '03 01'), { codecs: hex('03 01') }),

  // Inputs: left arrow is E0 4B, its prefix in the lowest byte
  client(3, 101, 'keyDown', hex('e0 4b 00 00'), { code: 0x4be0 }),
  client(3, 102, 'keyUp', hex('e0 cb 00 00'), { code: 0xcbe0 }),
  client(3, 111, 'mouseMotion', hex('ff ff ff ff', '02 00 00 00', '01 00'), { dx: -1, dy: 2, buttons: 1 }),
  client(3, 113, 'mousePress', hex('01', '01 00'), { button: 1, buttons: 1 }),
  client(3, 114, 'mouseRelease', hex('03', '02 00'), { button: 3, buttons: 2 }),

  // Cursor
  server(4, 107, 'invalOne', hex(ONE_TO_EIGHT), { id: U64 }),

  // Playback and record
  server(5, 104, 'stop', hex(), {}),
  server(5, 105, 'volume', hex('02', 'ff ff', '00 80'), { volumes: [65535, 32768] }),
  server(5, 106, 'mute', hex('01'), { mute: 1 }),
  server(5, 107, 'latency', hex('c8 00 00 00'), { latencyMs: 200 }),
  server(6, 101, 'start', hex('02 00 00 00', '01 00', '80 bb 00 00'), { channels: 2, format: 1, frequency: 48000 }),
  server(6, 102, 'stop', hex(), {}),
  server(6, 103, 'volume', hex('01', '00 40'), { volumes: [16384] }),
  server(6, 104, 'mute', hex('00'), { mute: 0 }),
  client(6, 101, 'data', hex('e8 03 00 00', '01 02 03 04'), { time: 1000, data: hex('01 02 03 04') }),
  client(6, 102, 'mode', hex('e8 03 00 00', '03 00'), { time: 1000, mode: 3, data: hex() }),
  client(6, 103, 'startMark', hex('e8 03 00 00'), { time: 1000 }),

  // Smartcard
  server(8, 101, 'data', hex('08 00 00 00', 'ff ff ff ff', '00 00 00 00'), { type: 8, readerId: 0xffffffff, data: hex() }),
  client(8, 101, 'data', hex('07 00 00 00', '02 00 00 00', '03 00 00 00', '00 a4 04'), { type: 7, readerId: 2, data: hex('00 a4 04') }),

  // Byte streams
  server(9, 101, 'data', hex('de ad'), { data: hex('de ad') }),
  client(9, 101, 'data', hex('be ef'), { data: hex('be ef') }),
  server(9, 102, 'compressedData', hex('01', '10 00 00 00', '1f 41 01 00'), { block: { kind: 'lz4', uncompressedSize: 16, data: hex('1f 41 01 00') } }),
  server(10, 102, 'compressedData', hex('00', '61 62'), { block: { kind: 'none', data: hex('61 62') } }),
  client(9, 102, 'compressedData', hex('07', '10 00 00 00', '01'), { block: { kind: 'unknown', tag: 7, bytes: hex('10 00 00 00 01') } }),
  server(10, 202, 'event', hex('02'), { event: 2 }),
  client(10, 201, 'event', hex('00'), { event: 0 }),
];

const SELECTIONS = { clipboardSelection: true, clipboardGrabSerial: false };
const SERIALS = { clipboardSelection: true, clipboardGrabSerial: true };
const PLAIN = { clipboardSelection: false, clipboardGrabSerial: false };

const agent = (dialect, direction, type, kind, body, value) => ({ dialect, direction, type, kind, body, value });

export const handLaidAgentMessages = [
  agent(PLAIN, 'client', 1, 'mouseState', hex('0a 00 00 00', '14 00 00 00', '02 00 00 00', '01'), { x: 10, y: 20, buttons: 2, displayId: 1 }),
  agent(PLAIN, 'client', 2, 'monitorsConfig', hex(
    '02 00 00 00', '03 00 00 00', // two monitors, positions and physical sizes
    '58 02 00 00', '20 03 00 00', '20 00 00 00', '00 00 00 00', '00 00 00 00', // 800 by 600: height first
    '00 03 00 00', '00 04 00 00', '20 00 00 00', '20 03 00 00', 'ff ff ff ff', // 1024 by 768 at 800, -1
    '5a 00', '78 00', 'b4 00', 'f0 00', // 120 mm by 90 mm, 240 mm by 180 mm
  ), {
    flags: 3,
    monitors: [
      { height: 600, width: 800, depth: 32, x: 0, y: 0 },
      { height: 768, width: 1024, depth: 32, x: 800, y: -1 },
    ],
    physicalSizes: [{ heightMm: 90, widthMm: 120 }, { heightMm: 180, widthMm: 240 }],
  }),
  agent(PLAIN, 'server', 3, 'reply', hex('02 00 00 00', '01 00 00 00'), { type: 2, error: 1 }),
  agent(PLAIN, 'client', 4, 'clipboard', hex('01 00 00 00', '68 69'), { selection: 0, type: 1, data: hex('68 69') }),
  agent(SELECTIONS, 'server', 4, 'clipboard', hex('01 00 00 00', '01 00 00 00', '68 69'), { selection: 1, type: 1, data: hex('68 69') }),
  agent(PLAIN, 'client', 5, 'displayConfig', hex('08 00 00 00', '10 00 00 00'), { flags: 8, depth: 16 }),
  agent(PLAIN, 'server', 7, 'clipboardGrab', hex('01 00 00 00', '02 00 00 00'), { selection: 0, serial: null, types: [1, 2] }),
  agent(SELECTIONS, 'server', 7, 'clipboardGrab', hex('02 00 00 00', '01 00 00 00'), { selection: 2, serial: null, types: [1] }),
  agent(SERIALS, 'client', 7, 'clipboardGrab', hex('00 00 00 00', '05 00 00 00', '01 00 00 00'), { selection: 0, serial: 5, types: [1] }),
  agent(PLAIN, 'server', 8, 'clipboardRequest', hex('01 00 00 00'), { selection: 0, type: 1 }),
  agent(SERIALS, 'client', 8, 'clipboardRequest', hex('01 00 00 00', '02 00 00 00'), { selection: 1, type: 2 }),
  agent(PLAIN, 'client', 9, 'clipboardRelease', hex(), { selection: 0 }),
  agent(SELECTIONS, 'client', 9, 'clipboardRelease', hex('01 00 00 00'), { selection: 1 }),
  agent(PLAIN, 'client', 10, 'fileXferStart', hex('01 00 00 00', '5b 61 5d 00'), { id: 1, text: hex('5b 61 5d 00') }),
  agent(PLAIN, 'server', 11, 'fileXferStatus', hex('01 00 00 00', '04 00 00 00', ONE_TO_EIGHT), { id: 1, result: 4, detail: hex(ONE_TO_EIGHT) }),
  agent(PLAIN, 'client', 12, 'fileXferData', hex('01 00 00 00', '03 00 00 00 00 00 00 00', '61 62 63'), { id: 1, data: hex('61 62 63') }),
  agent(PLAIN, 'client', 13, 'clientDisconnected', hex(), {}),
  agent(PLAIN, 'client', 14, 'maxClipboard', hex('ff ff ff ff'), { bytesMax: -1 }),
  agent(PLAIN, 'client', 15, 'audioVolumeSync', hex('01', '00', '02', '00 80', 'ff ff'), { isPlayback: 1, mute: 0, volumes: [32768, 65535] }),
  agent(PLAIN, 'client', 16, 'graphicsDeviceInfo', hex('01 00 00 00', '02 00 00 00', '00 00 00 00', '01 00 00 00', '03 00 00 00', '70 63 00'),
    { devices: [{ channelId: 2, monitorId: 0, deviceDisplayId: 1, address: hex('70 63 00') }] }),
];
