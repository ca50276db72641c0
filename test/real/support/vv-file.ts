// Writes connection files (.vv) for tests: the keys as virt-viewer reads them, an inline CA with its line ends escaped.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './run.ts';
import { scratchFolder, type Server } from './servers.ts';

export interface VvOptions {
  /** Path of the CA certificate to trust; null writes no `ca` key. */
  readonly caPath?: string | null;
  readonly plainPort?: boolean;
  readonly keys?: Readonly<Record<string, string>>;
}

/** A file for the server's address and TLS port, and its plain port too with `plainPort`. */
export const writeVv = (server: Server, { caPath = server.env['SPICE_CA'] ?? null, plainPort = false, keys = {} }: VvOptions = {}): string => {
  const lines = ['[virt-viewer]', 'type=spice', `host=${server.get('SPICE_HOST')}`, `tls-port=${server.get('SPICE_TLS_PORT')}`];
  if (plainPort) lines.push(`port=${server.get('SPICE_PORT')}`);
  if (caPath !== null) lines.push(`ca=${readFileSync(caPath, 'utf8').replaceAll('\n', '\\n')}`);
  for (const [key, value] of Object.entries(keys)) lines.push(`${key}=${value}`);
  const path = join(scratchFolder('vv'), 'session.vv');
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
};

/** A CA certificate that signed nothing of the server's. */
export const strangerCa = async (): Promise<string> => {
  const folder = scratchFolder('ca');
  const path = join(folder, 'stranger.pem');
  await runTool('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/O=elsewhere/CN=another CA', '-keyout', join(folder, 'key.pem'), '-out', path]);
  return path;
};
