// A zip of texts and bytes, as reports are: for tests of what reads them.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipArchive } from 'archiver';

/** @returns when the file is whole */
export async function writeZip(path: string, members: ReadonlyMap<string, string | Uint8Array>): Promise<void> {
  const zip = new ZipArchive({ zlib: { level: 1 } });
  const written = pipeline(zip, createWriteStream(path));
  for (const [name, content] of members) zip.append(typeof content === 'string' ? content : Buffer.from(content), { name });
  await zip.finalize();
  await written;
}
