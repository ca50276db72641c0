// Report task: one report written by a pool's thread: its documents, its traffic from memory that is held still for it, its pictures, as a deflated zip. File calls are
// synchronous on purpose: a disk that hangs holds up this thread and no other. The file appears whole, under a name that nobody had, or not at all.

import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, existsSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { deflateSync } from 'node:zlib';
import { ZipArchive } from 'archiver';
import { filesToPrune, memberNames, numberedPath, type MemberName, type ReportPicture, type ReportPlan, type ReportWritten, type RollingCaps } from '../capture/report/report-members.ts';
import { writeTraffic, type TrafficCount } from '../capture/report/report-traffic.ts';
import { readTapPins } from '../mailbox/tap-snapshot.ts';
import { encodePng } from '../surface/png.ts';

/** Speed over size, as for pictures: most of the traffic is compressed already. */
const deflateLevel = 3;
/** Reports of one name in one second. */
const numbersMax = 1_000;
/** Links are unknown to these file systems: what the call says of them. */
const noLinkCodes: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EACCES']);

/** Rejects with the file system's error, or with `TapPinsReleased`; nothing is left behind then. */
export default async function writeReport(plan: ReportPlan): Promise<ReportWritten> {
  const folder = dirname(plan.path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const unfinished = join(folder, `.${basename(plan.path)}.${randomBytes(6).toString('hex')}.part`);
  const count: TrafficCount = { messages: 0, bytes: 0 };
  try {
    const file = openSync(unfinished, 'wx', 0o600);
    let bytes: number;
    try {
      bytes = await writeZip(plan, file, count);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    const path = giveName(unfinished, plan.path);
    return { path, bytes, messages: count.messages, pruned: plan.rolling === null ? 0 : prune(folder, plan.rolling) };
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** @returns its bytes */
async function writeZip(plan: ReportPlan, file: number, count: TrafficCount): Promise<number> {
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      try {
        for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at, chunk.length - at);
        bytes += chunk.length;
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
  });
  const zip = new ZipArchive({ zlib: { level: deflateLevel } });
  // Whatever it only warns of would be a member that is missing.
  zip.on('warning', (error) => zip.destroy(error));
  for (const name of memberNames) append(zip, name, plan, count);
  const written = pipeline(zip, sink);
  // Its failure is the pipeline's.
  zip.finalize().catch(() => undefined);
  await written;
  return bytes;
}

function append(zip: ZipArchive, name: MemberName, { members, traffic, pictures }: ReportPlan, count: TrafficCount): void {
  const text = members.find((member) => member.name === name);
  if (text !== undefined) {
    zip.append(text.text, { name });
    return;
  }
  const picture = pictures.find((each) => each.name === name);
  if (picture !== undefined) {
    zip.append(Buffer.from(pngOf(picture)), { name, store: true });
    return;
  }
  if (name !== 'traffic.pcap' || traffic === null) return;
  const sources = traffic.pins.map((pins) => ({ channel: pins.handle.channel, wallBaseMs: pins.handle.wallBaseMs, ...readTapPins(pins) }));
  const pieces = Readable.from(copies(writeTraffic(sources, { redacted: traffic.redacted }, count)), { objectMode: false });
  pieces.on('error', (error) => zip.destroy(error));
  zip.append(pieces, { name });
}

/** A piece is only lent until the next one. */
function* copies(pieces: Iterable<Uint8Array>): Generator<Buffer, void> {
  for (const piece of pieces) yield Buffer.from(piece);
}

function pngOf({ width, height, pixels, region }: ReportPicture): Uint8Array {
  const deflate = (input: Uint8Array): Uint8Array => deflateSync(input, { level: deflateLevel });
  if (region === null) return encodePng({ width, height, pixels }, deflate);
  const strideBytes = width * 4;
  const from = region.top * strideBytes + region.left * 4;
  return encodePng({ width: region.right - region.left, height: region.bottom - region.top, pixels: pixels.subarray(from), strideBytes }, deflate);
}

/** A link, unlike a renaming, never replaces what is there. */
function giveName(unfinished: string, wanted: string): string {
  for (let number = 1; ; number++) {
    const path = numberedPath(wanted, number);
    try {
      linkSync(unfinished, path);
      return path;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST' && number < numbersMax) continue;
      if (!noLinkCodes.has(code)) throw error;
      if (existsSync(path)) continue;
      renameSync(unfinished, path);
      return path;
    }
  }
}

/** @returns how many files were removed */
function prune(folder: string, caps: RollingCaps): number {
  const files = readdirSync(folder).flatMap((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    return found?.isFile() === true ? [{ name, bytes: found.size, modifiedMs: found.mtimeMs }] : [];
  });
  const gone = filesToPrune(files, caps);
  for (const name of gone) rmSync(join(folder, name), { force: true });
  return gone.length;
}
