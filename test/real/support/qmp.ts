// QEMU's monitor protocol over its unix socket: one connection per command, because the socket serves one client at a time.
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { Picture } from './picture.ts';
import { readPpm } from './read-truth.ts';
import { scratchFolder, type Server } from './servers.ts';

const DEADLINE_MS = 10_000;

/** Runs one QMP command and gives back its `return` value. Throws QEMU's description on an error. */
export const qmp = async (server: Server, execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(server.get('SPICE_QMP'));
    const fail = (error: Error): void => { socket.destroy(); reject(new Error(`QMP ${execute}: ${error.message}`)); };
    let [text, replies] = ['', 0];
    socket.setTimeout(DEADLINE_MS, () => fail(new Error(`no answer in ${DEADLINE_MS} ms`)));
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('the monitor hung up')));
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
        const reply = JSON.parse(text.slice(0, end)) as { QMP?: unknown; return?: unknown; error?: { desc: string } };
        text = text.slice(end + 1);
        if (reply.QMP !== undefined) socket.write(`${JSON.stringify({ execute: 'qmp_capabilities' })}\n`);
        else if (reply.error !== undefined) fail(new Error(reply.error.desc));
        else if ('return' in reply) {
          replies += 1;
          if (replies === 1) socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
          else { resolve(reply.return); socket.destroy(); }
        }
      }
    });
  });

/** Stops the guest's processors: the screen stands still, the SPICE server goes on. */
export const stopGuest = async (server: Server): Promise<void> => { await qmp(server, 'stop'); };

/**
 * Has the device draw what the guest had queued when it was stopped. A dump does that (QXL's update_area), and a connected client
 * gets those last operations too; without it they are drawn by the first dump after the client has gone.
 */
export const flushDrawing = async (server: Server): Promise<void> => { await screendump(server); };

/** A screen that is not the first: the device's id in qemu-lib.sh (virtio's `gpu`, qxl's `head1` and so on) and its output there. */
export interface Head {
  readonly device: string;
  readonly head: number;
}

/** The device's own pixels. */
export const screendump = async (server: Server, which?: Head): Promise<Picture> => {
  const filename = join(scratchFolder('screendump'), 'screen.ppm');
  await qmp(server, 'screendump', { filename, ...which });
  return readPpm(filename);
};

export interface SpiceChannel {
  readonly 'channel-type': number;
  readonly 'channel-id': number;
  readonly tls: boolean;
}

/** The channels that are linked now, as the server sees it. */
export const linkedChannels = async (server: Server): Promise<readonly SpiceChannel[]> => {
  const info = (await qmp(server, 'query-spice')) as { channels?: readonly SpiceChannel[] };
  return info.channels ?? [];
};
