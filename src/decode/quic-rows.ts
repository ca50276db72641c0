/**
 * The loops of QUIC over the pixels of a row: one for the three colours of a pixel, which go together, and one for a
 * single channel (alpha, or grey). A row is cut where the schedule changes; the loops work on such segments and keep all
 * that they touch per pixel in local variables. They write nothing but the segment's pixels.
 */
import { DecodeError } from './decode-error.ts';
import type { QuicBits } from './quic-bits.ts';
import { readQuicRun, readQuicValue } from './quic-bits.ts';
import { quicMaskIndexMax, quicMaskPixels, quicRandom, quicTriggers } from './quic-codes.ts';
import type { QuicChannel, QuicGroup } from './quic-model.ts';
import { learnQuicValue } from './quic-model.ts';

/** Red, green and blue of one image with their schedule. In pixel words they lie at bits 16, 8 and 0. */
export interface QuicColours {
  readonly kind: 'colours';
  readonly group: QuicGroup;
  readonly red: QuicChannel;
  readonly green: QuicChannel;
  readonly blue: QuicChannel;
}

/** One channel with a schedule of its own, at `shift` in each pixel word; the bits of `keep` in the word stay. */
export interface QuicPlane {
  readonly kind: 'plane';
  readonly group: QuicGroup;
  readonly channel: QuicChannel;
  readonly shift: 0 | 24;
  readonly keep: number;
}

/**
 * Decodes one row of one group of channels.
 * @param above the index in `words` of the row above, or -1 for the first row
 * @param current the index in `words` of this row
 * @throws DecodeError `truncated`, `overrun`
 */
export function decodeQuicRow(
  layer: QuicColours | QuicPlane,
  bits: QuicBits,
  words: Uint32Array,
  above: number,
  current: number,
  width: number,
): void {
  const { group } = layer;
  let start = 0;
  while (group.maskIndex < quicMaskIndexMax && group.maskCountdown <= width - start) {
    const end = start + group.maskCountdown;
    if (end > start) decodeSegment(layer, bits, words, above, current, start, end);
    start = end;
    group.maskIndex++;
    group.trigger = quicTriggers[group.maskIndex]!;
    group.maskCountdown = quicMaskPixels;
  }
  if (start < width) {
    decodeSegment(layer, bits, words, above, current, start, width);
    if (group.maskIndex < quicMaskIndexMax) group.maskCountdown -= width - start;
  }
  if (bits.position > bits.bitCount) throw new DecodeError('truncated', 'quic.data', bits.position, bits.bitCount);
}

function decodeSegment(
  layer: QuicColours | QuicPlane,
  bits: QuicBits,
  words: Uint32Array,
  above: number,
  current: number,
  start: number,
  end: number,
): void {
  if (layer.kind === 'colours') decodeColourSegment(layer, bits, words, above, current, start, end);
  else decodePlaneSegment(layer, bits, words, above, current, start, end);
}

/** The next wait: a pseudo-random number below 2^maskIndex. */
function nextWait(group: QuicGroup): number {
  group.seed = (group.seed + 1) & 255;
  return quicRandom[group.seed]! & ((1 << group.maskIndex) - 1);
}

function decodeColourSegment(
  layer: QuicColours,
  bits: QuicBits,
  words: Uint32Array,
  above: number,
  current: number,
  start: number,
  end: number,
): void {
  const { group, red, green, blue } = layer;
  const { codes } = group;
  const { mask } = codes;
  const input = bits.words;
  const codedRed = red.coded;
  const codedGreen = green.coded;
  const codedBlue = blue.coded;
  const bestRed = red.bestCode;
  const bestGreen = green.bestCode;
  const bestBlue = blue.bestCode;
  const firstRow = above < 0;
  let position = bits.position;

  // The context of a pixel is what was coded for the one before it; for the first it is what was coded above it, which
  // in the first row is 0 still.
  const before = start === 0 ? 0 : start - 1;
  const firstRed = codedRed[before]!;
  const firstGreen = codedGreen[before]!;
  const firstBlue = codedBlue[before]!;
  let contextRed = firstRed;
  let contextGreen = firstGreen;
  let contextBlue = firstBlue;
  // Neighbours without their fourth bytes: the row above may have its alpha already.
  let left = start > 0 ? words[current + start - 1]! & 0xffffff : 0;
  let leftOfLeft = start > 1 ? words[current + start - 2]! & 0xffffff : 0;
  let aboveLeft = start > 0 && !firstRow ? words[above + start - 1]! & 0xffffff : 0;

  let i = start;
  let stop = start + group.wait;
  let runStart = 0;
  for (;;) {
    let limit = stop < end ? stop + 1 : end;
    while (i < limit) {
      let prediction = left;
      if (!firstRow) {
        const up = words[above + i]! & 0xffffff;
        if (up === aboveLeft && left === leftOfLeft && i > 2 && i !== runStart) {
          runStart = i;
          group.wait = stop - i;
          bits.position = position;
          const runEnd = i + readQuicRun(bits, group, end - i);
          position = bits.position;
          for (; i < runEnd; i++) words[current + i] = left;
          if (i === end) return;
          stop = i + group.wait;
          limit = stop < end ? stop + 1 : end;
          // Runs leave the coded values alone: the context is what an earlier row coded here.
          contextRed = codedRed[i - 1]!;
          contextGreen = codedGreen[i - 1]!;
          contextBlue = codedBlue[i - 1]!;
          aboveLeft = words[above + i - 1]! & 0xffffff;
          continue;
        }
        // The mean of left and above, for all three channels at once: common bits, and half of those that differ.
        prediction = i === 0 ? up : (left & up) + (((left ^ up) & 0xfefefe) >>> 1);
        aboveLeft = up;
      }
      const r = readQuicValue(input, position, codes, bestRed[contextRed]!);
      position += r >>> 8;
      contextRed = r & 255;
      const g = readQuicValue(input, position, codes, bestGreen[contextGreen]!);
      position += g >>> 8;
      contextGreen = g & 255;
      const b = readQuicValue(input, position, codes, bestBlue[contextBlue]!);
      position += b >>> 8;
      contextBlue = b & 255;
      codedRed[i] = contextRed;
      codedGreen[i] = contextGreen;
      codedBlue[i] = contextBlue;
      leftOfLeft = left;
      // Even coded values are differences of 0, 1, 2, ...; odd ones of -1, -2, -3, ...
      left =
        ((((prediction >>> 16) + ((contextRed >>> 1) ^ -(contextRed & 1))) & mask) << 16) |
        ((((prediction >>> 8) + ((contextGreen >>> 1) ^ -(contextGreen & 1))) & mask) << 8) |
        ((prediction + ((contextBlue >>> 1) ^ -(contextBlue & 1))) & mask);
      words[current + i] = left;
      i++;
    }
    if (stop >= end) break;
    const { trigger } = group;
    learnQuicValue(red, codes, trigger, stop > start ? codedRed[stop - 1]! : firstRed, contextRed);
    learnQuicValue(green, codes, trigger, stop > start ? codedGreen[stop - 1]! : firstGreen, contextGreen);
    learnQuicValue(blue, codes, trigger, stop > start ? codedBlue[stop - 1]! : firstBlue, contextBlue);
    stop = i + nextWait(group);
  }
  group.wait = stop - end;
  bits.position = position;
}

function decodePlaneSegment(
  layer: QuicPlane,
  bits: QuicBits,
  words: Uint32Array,
  above: number,
  current: number,
  start: number,
  end: number,
): void {
  const { group, channel, shift, keep } = layer;
  const { codes } = group;
  const { mask } = codes;
  const input = bits.words;
  const { coded, bestCode } = channel;
  const firstRow = above < 0;
  let position = bits.position;

  const firstContext = coded[start === 0 ? 0 : start - 1]!;
  let context = firstContext;
  let left = start > 0 ? (words[current + start - 1]! >>> shift) & mask : 0;
  let leftOfLeft = start > 1 ? (words[current + start - 2]! >>> shift) & mask : 0;
  let aboveLeft = start > 0 && !firstRow ? (words[above + start - 1]! >>> shift) & mask : 0;

  let i = start;
  let stop = start + group.wait;
  let runStart = 0;
  for (;;) {
    let limit = stop < end ? stop + 1 : end;
    while (i < limit) {
      let prediction = left;
      if (!firstRow) {
        const up = (words[above + i]! >>> shift) & mask;
        if (up === aboveLeft && left === leftOfLeft && i > 2 && i !== runStart) {
          runStart = i;
          group.wait = stop - i;
          bits.position = position;
          const runEnd = i + readQuicRun(bits, group, end - i);
          position = bits.position;
          for (; i < runEnd; i++) words[current + i] = (words[current + i]! & keep) | (left << shift);
          if (i === end) return;
          stop = i + group.wait;
          limit = stop < end ? stop + 1 : end;
          context = coded[i - 1]!;
          aboveLeft = (words[above + i - 1]! >>> shift) & mask;
          continue;
        }
        prediction = i === 0 ? up : (left + up) >>> 1;
        aboveLeft = up;
      }
      const value = readQuicValue(input, position, codes, bestCode[context]!);
      position += value >>> 8;
      context = value & 255;
      coded[i] = context;
      leftOfLeft = left;
      left = (prediction + ((context >>> 1) ^ -(context & 1))) & mask;
      words[current + i] = (words[current + i]! & keep) | (left << shift);
      i++;
    }
    if (stop >= end) break;
    learnQuicValue(channel, codes, group.trigger, stop > start ? coded[stop - 1]! : firstContext, context);
    stop = i + nextWait(group);
  }
  group.wait = stop - end;
  bits.position = position;
}
