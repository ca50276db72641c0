import { describe, expect, test } from 'vitest';
import { displayBehavior, type DisplayOffer } from '#app/protocol/channels/display.js';
import { driveChannel } from '../../../support/driven-channel.ts';

const OFFER: DisplayOffer = { cacheId: 1, imageCachePixels: 0x0140_0000, glzWindowPixels: 0x0040_0000 };
const display = () => driveChannel(displayBehavior(OFFER));
const kinds = (effects: readonly { readonly kind: string }[]): string[] => effects.map(({ kind }) => kind);

describe('DISPLAY_INIT', () => {
  test('is sent at once when the channel is linked: cache 1 of 20 Mi pixels, dictionary 1 of 4 Mi pixels', () => {
    expect(display().linked().sent).toEqual(['101 01' + '0000400100000000' + '01' + '00004000']);
  });

  test('is sent once: nothing that the server says later brings it again', () => {
    const channel = display();
    channel.linked();
    for (const type of [102, 103, 108]) expect(channel.message(type).sent).toEqual([]);
  });

  test('the capabilities are those that are built: sized streams, MONITORS_CONFIG, COMPOSITE, A8_SURFACE, STREAM_REPORT, LZ4, and of the codecs MJPEG', () => {
    expect(displayBehavior(OFFER).capabilities).toEqual([0b11_0011_1111]);
  });
});

describe('drawing', () => {
  test('goes to the canvas in order, and a mark is counted', () => {
    const channel = display();
    const create = channel.message(314, '00000000', '40000000', '30000000', '20000000', '01000000');
    expect(create.effects).toEqual([{ kind: 'paint', message: expect.objectContaining({ kind: 'surfaceCreate' }) }]);
    expect(channel.message(102).effects).toEqual([{ kind: 'paint', message: expect.objectContaining({ kind: 'mark' }) }]);
    expect(channel.describe()).toMatchObject({ marks: 1 });
  });
});

describe('MONITORS_CONFIG', () => {
  const head = ['01000000', '00000000', '00040000', '00030000', '0a000000', '14000000', '00000000'];

  test('heads are told as rectangles of their surface', () => {
    const channel = display();
    const { events, effects } = channel.message(317, '0100', '0100', ...head);
    expect(events).toEqual([{ kind: 'headsConfigured', heads: [{ monitorId: 1, surfaceId: 0, x: 10, y: 20, width: 1024, height: 768 }] }]);
    expect(kinds(effects)).toEqual(['paint', 'emit']);
    expect(channel.describe()).toMatchObject({ heads: [{ width: 1024, height: 768 }] });
  });

  test('an empty list is ignored', () => {
    const channel = display();
    channel.message(317, '0100', '0100', ...head);
    expect(channel.message(317, '0000', '0100').effects).toEqual([]);
    expect(channel.describe()).toMatchObject({ heads: [{ monitorId: 1 }] });
  });
});

describe('INVAL_ALL_PIXMAPS', () => {
  test('without a wait list the cache is emptied at once', () => {
    expect(kinds(display().message(106, '00').effects)).toEqual(['paint']);
  });

  test('with one, nothing is painted before the wait is over', () => {
    const { effects } = display().message(106, '01', '02', '01', '0900000000000000');
    expect(effects).toEqual([
      { kind: 'awaitSerials', awaited: [{ channelType: 2, channelId: 1, serial: 9n }], afterwards: [{ kind: 'paint', message: expect.objectContaining({ kind: 'invalAllPixmaps' }) }] },
    ]);
  });
});

describe('wishes', () => {
  const names = (capabilities: number) => {
    const behavior = displayBehavior({ ...OFFER, preferredCompression: 4, preferredVideoCodecs: [1] });
    return behavior.step(behavior.initial, { kind: 'linked', channelCapabilities: [capabilities] }).effects.map((effect) => (effect.kind === 'send' ? effect.outgoing : effect.kind === 'gap' ? effect.gap.key : effect.kind));
  };

  test('behind INIT, on every link, a server that takes wishes is asked for a compression and a codec', () => {
    expect(names((1 << 6) | (1 << 12))).toMatchObject([{ name: 'init' }, { name: 'preferredCompression', value: { imageCompression: 4 } }, { name: 'preferredVideoCodecType', value: { codecs: Uint8Array.of(1) } }]);
  });

  test('a server that takes none is sent none, and the wish is a gap', () => {
    expect(names(0)).toMatchObject([{ name: 'init' }, 'display:preference:compression', 'display:preference:video-codec']);
  });
});

describe('video', () => {
  test('what the server says of streams goes to the canvas, the wish for reports too', () => {
    const body = ['00000000', '05000000', '01', '03', '0000000000000000', '40000000', '30000000', '40000000', '30000000', '00000000000000003000000040000000', '00'];
    expect(kinds(display().message(122, ...body).effects)).toEqual(['paint']);
    expect(kinds(display().message(319, '05000000', '63000000', '05000000', 'e8030000').effects)).toEqual(['paint']);
  });

  test('GL scanout is a gap', () => {
    expect(display().message(321, '00000000', '00000000', '01000000', '01000000').gaps).toEqual(['display:gl:scanout']);
  });
});
