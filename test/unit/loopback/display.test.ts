// The display channel of the loopback server against the client's own canvas, message by message: in every codec, the pixels are those
// that the scene's formulas give for the number that stands in them. Flow control, resizing and caches in virtual time.
import { inflateSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { displayBytesMax } from '#app/decode/byte-budget.js';
import { compressions } from '#app/loopback/image-sender.js';
import { readSceneNumber, sceneFrame } from '#app/loopback/scene.js';
import { serializeAgentMessage } from '#app/protocol/agent.js';
import type { Image } from '#app/protocol/messages/image.js';
import { applyMessage, createCanvas } from '#app/surface/canvas.js';
import { openSurface } from '#app/surface/shared-surface.js';
import { defaultSurfaceLimits } from '#app/surface/surface-table.js';
import type { BareClient } from '../../support/bare-client.ts';
import { LoopbackWorld } from '../../support/loopback-world.ts';

let world = new LoopbackWorld();
const open = (...options: ConstructorParameters<typeof LoopbackWorld>): LoopbackWorld => (world = new LoopbackWorld(...options));
afterEach(async () => {
  world.server.close();
  await world.host.settle();
});

/** The client's canvas, fed with what a bare client has got so far. */
class Watched {
  readonly #display: BareClient<2>;
  readonly #canvas = createCanvas({
    limits: { surfaces: defaultSurfaceLimits, imageCacheBytesMax: 80 << 20, glzWindowBytesMax: 16 << 20, bytesMax: displayBytesMax },
    firstGlzImageId: 0,
    decodeJpeg: null,
    inflate: (input, outputBytes) => new Uint8Array(inflateSync(input, { maxOutputLength: outputBytes })),
    allocateShared: (bytes) => new SharedArrayBuffer(bytes),
    nowMs: () => 0,
  });
  #applied = 0;
  #buffer: SharedArrayBuffer | null = null;
  readonly gaps: string[] = [];

  constructor(display: BareClient<2>) {
    this.#display = display;
  }

  /** The picture as 0x00RRGGBB words, after all that has come. */
  look(): { readonly width: number; readonly height: number; readonly words: Uint32Array } {
    for (const message of this.#display.messages.slice(this.#applied)) {
      const outcome = applyMessage(this.#canvas, message);
      for (const event of outcome?.events ?? []) if (event.kind === 'primarySurfaceCreated') this.#buffer = event.buffer;
      for (const { key } of outcome?.gaps ?? []) this.gaps.push(key);
    }
    this.#applied = this.#display.messages.length;
    if (this.#buffer === null) throw new Error('no screen yet');
    const { width, height, words } = openSurface(this.#buffer);
    // Into memory of its own: a view of shared memory would change under the comparison.
    return { width, height, words: Uint32Array.from(words, (word) => word & 0xff_ffff) };
  }
}

const equals = (picture: { readonly width: number; readonly height: number; readonly words: Uint32Array }): boolean => {
  const wanted = sceneFrame(readSceneNumber(picture.words, picture.width), picture.width, picture.height);
  return Buffer.from(picture.words.buffer).equals(Buffer.from(wanted.words.buffer));
};

describe('in every codec each picture is the one that its number says', () => {
  test.each(compressions)('%s', async (compression) => {
    const { host } = open({ compression, firstPicture: 61 });
    const { connectionId } = await world.begin();
    const display = await world.display(connectionId);
    const watched = new Watched(display);
    const numbers: number[] = [];
    // Past 64, where the kept picture is forgotten and sent again.
    for (let seen = 0; seen < 6; seen += 1) {
      const picture = watched.look();
      numbers.push(readSceneNumber(picture.words, picture.width));
      expect(equals(picture)).toBe(true);
      await host.advance(66);
    }
    expect(numbers).toEqual(Array.from({ length: 6 }, (_, index) => 61 + index));
    expect([watched.gaps, world.server.observe().violations]).toEqual([[], {}]);
    const kinds = new Set(display.all('drawCopy').map(({ value }) => value.srcImage?.body.kind));
    const expected = { auto: ['lzRgb', 'glzRgb', 'quic', 'bitmap'], off: ['bitmap'], lz: ['lzRgb'], glz: ['glzRgb'], quic: ['quic'] }[compression];
    expect([...kinds]).toEqual(expect.arrayContaining(expected));
  });
});

test('the scene uses every drawing operation that is honoured, clips, an off-screen surface, and kept pictures', async () => {
  const { host } = open({ firstPicture: 60 });
  const { connectionId } = await world.begin();
  const display = await world.display(connectionId);
  await host.advance(66 * 12);
  const kinds = new Set(display.messages.map(({ kind }) => kind));
  expect([...kinds]).toEqual(expect.arrayContaining([
    'drawFill', 'drawCopy', 'drawBlend', 'drawOpaque', 'drawBlackness', 'drawWhiteness', 'drawInvers', 'copyBits', 'surfaceCreate', 'mark', 'monitorsConfig', 'invalList', 'invalAllPalettes',
  ]));
  const bodies = new Set(display.all('drawOpaque').map(({ value }) => value.srcImage?.body.kind));
  expect([...bodies]).toEqual(expect.arrayContaining(['fromCache', 'surface', 'lzRgb']));
  expect(display.all('drawFill').some(({ value }) => value.base.clip.kind === 'rects')).toBe(true);
});

test('two displays of one client share a dictionary: its image ids go through both', async () => {
  const { host } = open({ compression: 'glz', displays: 2 });
  const { connectionId } = await world.begin();
  const displays = [await world.display(connectionId), await world.display(connectionId, { channelId: 1 })];
  await host.advance(300);
  const glzIds = displays.flatMap((display) => display.messages).flatMap((message) => {
    const drawn = message.kind === 'drawCopy' || message.kind === 'drawBlend' || message.kind === 'drawOpaque';
    const image: Image | null = drawn ? message.value.srcImage : null;
    return image?.body.kind === 'glzRgb' ? [new DataView(image.body.data.buffer, image.body.data.byteOffset).getBigUint64(21)] : [];
  });
  expect(glzIds.toSorted((a, b) => Number(a - b))).toEqual(glzIds.map((_, index) => BigInt(index)));
  const imageIds = displays.map((display) => new Set(display.all('drawOpaque').map(({ value }) => value.srcImage?.id)));
  expect([...(imageIds[0] ?? [])].filter((id) => imageIds[1]?.has(id))).toEqual([]);
});

test('a client may prefer another compression', async () => {
  const { host } = open({ compression: 'lz' });
  const { connectionId } = await world.begin();
  const display = await world.display(connectionId);
  display.send('preferredCompression', { imageCompression: 4 });
  await host.settle();
  const before = display.messages.length;
  await host.advance(200);
  const later = display.messages.slice(before).flatMap((message) => (message.kind === 'drawBlend' ? [message.value.srcImage?.body.kind] : []));
  expect(new Set(later)).toEqual(new Set(['quic']));
});

test('what the agent is asked for becomes the screen, and the scene goes on in it', async () => {
  const { host } = open();
  const { main, connectionId } = await world.begin();
  const display = await world.display(connectionId);
  const watched = new Watched(display);
  watched.look();
  const one = { depth: 32, x: 0, y: 0 };
  const monitors = [{ ...one, width: 800, height: 601 }, { ...one, width: 1_001, height: 500 }];
  main.send('agentStart', { numTokens: 100 });
  main.send('agentData', { data: serializeAgentMessage({ clipboardSelection: false, clipboardGrabSerial: false }, 'monitorsConfig', { flags: 0, monitors, physicalSizes: null }) });
  await host.advance(200);
  const picture = watched.look();
  expect([picture.width, picture.height]).toEqual([1_800, 601]);
  expect(equals(picture)).toBe(true);
  expect(display.all('monitorsConfig').at(-1)?.value.heads).toMatchObject([{ x: 0, width: 800 }, { x: 800, width: 1_000 }]);
  expect([watched.gaps, world.server.observe().violations]).toEqual([[], {}]);
});

describe('flow control', () => {
  test('a display that sends no ACK is sent two windows, and is closed after its time', async () => {
    const { host } = open({ stallMs: 30_000 });
    const { main, connectionId } = await world.begin();
    const display = await world.display(connectionId, { answersAcks: false });
    await host.advance(29_000);
    expect([display.messages.length, display.closed]).toEqual([41, false]);
    await host.advance(5_000);
    expect([display.closed, main.closed, world.server.observe().violations]).toEqual([true, false, { 'display:stalled': 1 }]);
  });

  test('a display that leaves PINGs uncounted is found at a PONG', async () => {
    const { host } = open({ scene: 'still', pingEveryMs: 10 });
    const { connectionId } = await world.begin();
    await world.display(connectionId, { countsPings: false });
    await host.advance(1_000);
    expect(world.server.observe().violations).toMatchObject({ 'display:ack-missing': expect.any(Number) });
    // Two windows unacknowledged: the real server goes silent then, too.
    expect(world.server.observe().channels['display/0']).toMatchObject({ messagesSent: 41, acksReceived: 0 });
  });

  test('flood is as fast as the client takes it, and in step', async () => {
    const { host } = open({ scene: 'flood', lastPicture: 100 });
    const { connectionId } = await world.begin();
    const display = await world.display(connectionId);
    await host.advance(1);
    const picture = new Watched(display).look();
    expect([readSceneNumber(picture.words, picture.width), equals(picture)]).toEqual([100, true]);
    expect(world.server.observe().violations).toEqual({});
  });

  test('still and idle draw one picture', async () => {
    for (const scene of ['still', 'idle'] as const) {
      const { host } = open({ scene });
      const { connectionId } = await world.begin();
      const display = await world.display(connectionId);
      const drawn = display.messages.length;
      await host.advance(10_000);
      expect(display.messages.length).toBe(drawn);
      expect(equals(new Watched(display).look())).toBe(true);
    }
  });
});

test('a number of 32 bits can be read back', () => {
  for (const n of [0, 1, 77, 0x7fff_ffff, 0xffff_ffff]) {
    const { words, width } = sceneFrame(n);
    expect(readSceneNumber(words, width)).toBe(n);
  }
});
