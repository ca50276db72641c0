// Every supported drawing operation as a real libspice-server sends it, alone and all together under each compression: the
// client's picture equals the server's own rendering (truth.ppm). lab/draw-server.c names the steps.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startCli } from './support/cli.ts';
import { comparePixels, type Picture } from './support/picture.ts';
import { readPpm } from './support/read-truth.ts';
import { directOf, withServer } from './support/servers.ts';
import { channelOf, INTERRUPTED, startSession, type Ended } from './support/session.ts';
import { awaitDone, until } from './support/still.ts';

/**
 * Prefixes of step names: each an operation, an image kind or a life of a surface that the client draws. COPY_BITS comes after the
 * fills, as its steps copy from the cells to the left and above: in the first cell that would be outside the screen.
 */
const SUPPORTED = [
  'fill', 'copy-1be', 'copy-4be', 'copy-8', 'copy-16', 'copy-24', 'copy-32', 'copy-rgba', 'copy-xor', 'copy-invers-src', 'copy-scale', 'copy-mask',
  'copy-cached,copy-from-cache', 'fill,copy-bits', 'blend', 'opaque', 'blackness', 'whiteness', 'invers', 'surface', 'big', 'resize', 'transparent', 'alpha', 'copy-after-reset,reset-image-cache,copy-cached',
  'cursor', 'rop3', 'text', 'composite,surface-create,surface-d,surface-composite',
  'stroke-dashed', 'stroke-pattern', 'stroke-xor', 'stroke-closed',
];

/** Runs the steps with one client connected; the differing pixels, and what the client said it cannot do. `untilSeen`: a message that the session waits for at its end, in its capture. */
const drawn = async (variables: Readonly<Record<string, string>>, { untilSeen }: { readonly untilSeen?: string } = {}): Promise<{ ended: Ended; truth: Picture; differing: number; where: string }> =>
  withServer('draw-server', { STREAMING: 'off', STEP_MS: '4', ...variables }, async (server) => {
    const session = startSession({ source: ['--direct', directOf(server)], screenshot: true, coverage: true, capture: untilSeen !== undefined });
    await awaitDone(server);
    // What the server does of its own accord comes when it likes: the capture says when it has.
    const capture = join(session.folder, 'capture');
    if (untilSeen !== undefined) await until(`${untilSeen} comes`, 30_000, async () => ((await startCli(['inspect', capture, '--channel', 'display/0']).finished).stdout.includes(untilSeen) ? true : null));
    const ended = await session.end();
    const truth = readPpm(join(server.get('SPICE_DIR'), 'truth.ppm'));
    const compared = comparePixels(ended.screenshot(), truth);
    return { ended, truth, differing: compared.differing, where: JSON.stringify({ at: compared.firstDifference, within: compared.boundingBox }) };
  });

beforeAll(async () => {
  // Compiles draw-server once for the run.
  await withServer('draw-server', {}, async () => { /* it listened */ });
});

describe('equals the server\'s rendering', () => {
  test.each(SUPPORTED)('%s', async (only) => {
    const { ended, differing, where } = await drawn({ ONLY: only });
    expect({ code: ended.code, differing, where }).toEqual({ code: INTERRUPTED, differing: 0, where: '{"at":null,"within":null}' });
    expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
  });

  test.each(['off', 'quic', 'lz', 'glz', 'auto_glz', 'auto_lz', 'lz4'])('all of them under compression %s', async (compression) => {
    const { ended, differing, where } = await drawn({ ONLY: SUPPORTED.join(','), COMPRESSION: compression });
    expect({ code: ended.code, differing, where }).toEqual({ code: INTERRUPTED, differing: 0, where: '{"at":null,"within":null}' });
  });

  test('all of them with GLZ inside zlib', async () => {
    const { ended, differing, where } = await drawn({ ONLY: SUPPORTED.join(','), COMPRESSION: 'glz', ZLIB_GLZ: 'always' });
    expect({ code: ended.code, differing, where }).toEqual({ code: INTERRUPTED, differing: 0, where: '{"at":null,"within":null}' });
  });
});

test('all operators of COMPOSITE, blend modes included', async () => {
  const { ended, differing, where } = await drawn({ ONLY: 'unsafe-operator' });
  expect({ differing, where }).toEqual({ differing: 0, where: '{"at":null,"within":null}' });
  expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
});

test('a curve is drawn as lines, of which a few pixels lie beside the server\'s', async () => {
  const { ended, differing } = await drawn({ ONLY: 'stroke-bezier' });
  expect(differing).toBeLessThanOrEqual(15);
  expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
});

test.each(['auto_glz', 'off'])('JPEG always, over compression %s: the picture within what JPEG loses, and no gap', async (compression) => {
  const { ended, truth } = await drawn({ COMPRESSION: compression, JPEG: 'always', ONLY: 'big,copy,fill' });
  expect(noiseRatio(ended.screenshot(), truth)).toBeGreaterThan(38);
  expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
});

/** Peak signal to noise, in decibels, over all colour bytes. */
function noiseRatio(picture: Picture, truth: Picture): number {
  const squares = picture.rgb.reduce((sum, byte, at) => sum + (byte - truth.rgb[at]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (squares / picture.rgb.length));
}

test('a stream is shown as video, reported on, and the picture is exact again after it ends', async () => {
  const { ended, differing, where } = await drawn({ ONLY: 'stream', STREAMING: 'all' }, { untilSeen: 'streamDestroy' });
  expect({ differing, where }).toEqual({ differing: 0, where: '{"at":null,"within":null}' });
  expect(channelOf(ended.stats(), 'display/0').gaps).toEqual({});
  const { stdout: listed } = await startCli(['inspect', ended.captureFolder, '--channel', 'display/0']).finished;
  for (const name of ['streamCreate', 'streamData', 'streamReport', 'streamDestroy']) expect(listed).toContain(name);
});
