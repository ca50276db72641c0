// Reads the client's capture files with programs that are not ours: tshark's SPICE dissector, and lab/pcap-spice.py, which counts
// messages exactly on both sides (tshark loses its place on the client's side after AGENT_DATA and KEY_SCANCODE).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './run.ts';
import { LAB } from './servers.ts';

/** The capture files of one session, sorted by name. */
export const captureFiles = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => /\.pcap(ng)?$/.test(name)).toSorted().map((name) => join(folder, name));

/** The server's port as the file has it: where its first packet goes to. */
export const portOf = async (file: string): Promise<string> => (await runTool('tshark', ['-r', file, '-c', '1', '-T', 'fields', '-e', 'tcp.dstport'])).trim();

export interface Dissected {
  readonly packets: number;
  /** Packets that tshark calls malformed, or whose bytes before it has not seen. */
  readonly faulty: number;
  /**
   * Messages that the dissector found on the server's side. It knows the types of port and WebDAV channels only as `Unknown message`,
   * and calls USB redirection's data `Client DATA` on either side.
   */
  readonly fromServer: number;
  /** SPICE image types of display messages (protocol: 0 BITMAP, 1 QUIC, 100 LZ_PLT, 101 LZ_RGB, 102 GLZ_RGB ...). */
  readonly imageTypes: ReadonlySet<number>;
}

export const dissect = async (file: string): Promise<Dissected> => {
  const port = await portOf(file);
  const as = ['-r', file, '-d', `tcp.port==${port},spice`];
  const [packets, faulty, rows] = [
    await runTool('tshark', [...as, '-T', 'fields', '-e', 'frame.number']),
    await runTool('tshark', [...as, '-Y', '_ws.malformed || tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment', '-T', 'fields', '-e', 'frame.number']),
    await runTool('tshark', [...as, '-Y', 'spice', '-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=a', '-e', 'tcp.srcport', '-e', 'spice.image_type', '-e', '_ws.col.Info'], { timeoutMs: 60_000 }),
  ];
  const lines = rows.split('\n').filter((line) => line !== '');
  return {
    packets: packets.split('\n').filter(Boolean).length,
    faulty: faulty.split('\n').filter(Boolean).length,
    // The link message and the ticket are in lower case.
    fromServer: lines.filter((line) => line.startsWith(`${port}|`)).reduce((sum, line) => sum + (line.match(/\b(Server|Client) [A-Z][A-Z_0-9]+|Unknown message/g) ?? []).length, 0),
    imageTypes: new Set(lines.flatMap((line) => (line.split('|')[1] ?? '').split(',').filter(Boolean).map(Number))),
  };
};

export interface Counted {
  readonly fromServer: number;
  readonly fromClient: number;
  /** Bytes of the largest message type's average, per name: to see that a file has large ones. */
  readonly kinds: readonly { readonly side: string; readonly name: string; readonly count: number; readonly bytes: number }[];
}

/**
 * SPICE messages per direction after the link, by the independent counter.
 * @param port the server's; looked up in the file by tshark, which takes its time, when it is not given
 */
export const countMessages = async (file: string, port?: string): Promise<Counted> => {
  const table = await runTool('python3', [join(LAB, 'pcap-spice.py'), file, port ?? (await portOf(file))], { timeoutMs: 60_000 });
  const kinds = table.split('\n').flatMap((line) => {
    const row = /^\s*(\d+)\s+(\d+) bytes\s+(\S+) (server|client) (.+)$/.exec(line);
    return row === null || row[5]?.startsWith('agent ') ? [] : [{ side: row[4] ?? '', name: row[5] ?? '', count: Number(row[1]), bytes: Number(row[2]) }];
  });
  const sum = (side: string): number => kinds.filter((kind) => kind.side === side).reduce((total, { count }) => total + count, 0);
  return { fromServer: sum('server'), fromClient: sum('client'), kinds };
};
