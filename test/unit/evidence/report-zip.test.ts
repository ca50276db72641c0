// Zips of all kinds: good ones, ones that lie about their sizes, and good ones that were changed or cut off.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { RecordingError } from '#app/evidence/recording-error.js';
import { ReportZip } from '#app/evidence/report-zip.js';

const folder = mkdtempSync(join(tmpdir(), 'ryll-zip-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface LaidMember {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** What the zip says in place of the truth. */
  readonly claims?: number;
  readonly stored?: boolean;
}

/** A zip laid by hand, so that it can lie. */
function laidZip(members: readonly LaidMember[]): Uint8Array {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, claims = bytes.length, stored = false } of members) {
    const packed = stored ? bytes : deflateRawSync(bytes);
    const rest = Buffer.alloc(22);
    rest.writeUInt16LE(stored ? 0 : 8, 0);
    rest.writeUInt32LE(crc32(bytes), 6);
    rest.writeUInt32LE(packed.length, 10);
    rest.writeUInt32LE(claims, 14);
    rest.writeUInt16LE(name.length, 18);
    const local = Buffer.concat([Buffer.from('504b0304140000000'.padEnd(16, '0'), 'hex'), rest, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    central.push(Buffer.concat([Buffer.from('504b01021400140000000'.padEnd(20, '0'), 'hex'), rest, tail, Buffer.from(name)]));
    locals.push(local);
    at += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32BE(0x504b0506, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...locals, directory, end]);
}

let count = 0;
function zipFile(bytes: Uint8Array): string {
  const path = join(folder, `${count++}.zip`);
  writeFileSync(path, bytes);
  return path;
}

const good = laidZip([{ name: 'metadata.json', bytes: Buffer.from('{"a":1}') }, { name: 'traffic.pcap', bytes: Buffer.alloc(5_000, 3), stored: true }, { name: 'broken.json', bytes: Buffer.from('{') }]);

test('members are listed, read whole, as JSON and as streams', async () => {
  const zip = await ReportZip.open(zipFile(good));
  expect(zip.members.map(({ name, bytes }) => [name, bytes])).toEqual([['metadata.json', 7], ['traffic.pcap', 5_000], ['broken.json', 1]]);
  expect(await zip.json('metadata.json')).toEqual({ a: 1 });
  expect(await zip.json('session.json')).toBeNull();
  await expect(zip.json('broken.json')).rejects.toThrow('its member broken.json is not JSON');
  await expect(zip.bytes('nothing')).rejects.toThrow('it has no member nothing');
  let bytes = 0;
  for await (const chunk of await zip.stream('traffic.pcap')) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(5_000);
  zip.close();
  zip.close();
});

describe('a zip that lies', () => {
  test('about a member that would unpack to more than deflate can pack is refused before it is unpacked', async () => {
    await expect(ReportZip.open(zipFile(laidZip([{ name: 'metadata.json', bytes: Buffer.from('{}'), claims: 3_000_000_000 }])))).rejects.toMatchObject({ code: 'tooLarge' });
  });

  test('about a member that holds more than it says is found out when that is read', async () => {
    const zip = await ReportZip.open(zipFile(laidZip([{ name: 'metadata.json', bytes: Buffer.alloc(100_000), claims: 500 }])));
    await expect(zip.bytes('metadata.json')).rejects.toMatchObject({ code: 'unreadable' });
    zip.close();
  });

  test('with a thousand members and more is no report', async () => {
    const many = laidZip(Array.from({ length: 1_001 }, (_, index) => ({ name: `${index}`, bytes: new Uint8Array(0), stored: true })));
    await expect(ReportZip.open(zipFile(many))).rejects.toMatchObject({ code: 'tooLarge', message: 'it claims 1001 members, and a report has a dozen' });
  });

  test('about where a member belongs on the disk is refused', async () => {
    await expect(ReportZip.open(zipFile(laidZip([{ name: '../../etc/passwd', bytes: Buffer.from('x') }])))).rejects.toMatchObject({ code: 'notAZip' });
  });
});

async function readAll(path: string): Promise<'read'> {
  const zip = await ReportZip.open(path);
  try {
    for (const { name } of zip.members) await zip.bytes(name);
    return 'read';
  } finally {
    zip.close();
  }
}

test('changed anywhere or cut off it gives members or a typed error, and never hangs', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }), fc.integer({ min: 0, max: good.length }), async (changes, length) => {
    const changed = Uint8Array.from(good);
    for (const [at, value] of changes) changed[at] = value;
    const path = zipFile(changed.subarray(0, changes.length === 0 ? length : good.length));
    const outcome = await readAll(path).catch((error: unknown) => error);
    expect(outcome === 'read' || outcome instanceof RecordingError).toBe(true);
  }), { numRuns: 200 });
});
