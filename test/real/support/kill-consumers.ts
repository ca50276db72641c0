// The kill matrix's other half: one captured session in which the writer, the sound and each consumer die of one kind of death, and the hub
// too where that is not the main thread's own death. No channel may notice, and the capture must have every message that the channels counted.
import { readFileSync, statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { captureFiles, countMessages } from './captures.ts';
import { ends, faultOptions, type Death } from './deaths.ts';
import { qmp } from './qmp.ts';
import { directOf, scratchFolder, type Server } from './servers.ts';
import { actorOf, INTERRUPTED, startSession, type Stats } from './session.ts';
import { until } from './still.ts';
import { openTerminal } from './terminal.ts';

/** Which consumer shows the session to people: lines, or the dashboard on a terminal. */
export type Shown = 'log' | 'dashboard';

const COME_BACK_MS = 60_000;
const SESSION_MS = 150_000;
/** The firmware's first lines come half a second after a reset. */
const REDRAW_MS = 1_000;
/** In every capture (docs/capture.md). */
const SERVER_PORT = '5900';

export interface KilledConsumers {
  readonly shown: Shown;
  readonly death: Death;
  readonly code: number | null;
  readonly stats: Stats;
  readonly captureFolder: string;
}

/** Who dies, in this order. The control socket is last: that it is back is seen from outside. */
export const victimsOf = (shown: Shown, death: Death): readonly string[] => {
  // What has a socket or a pipe to somebody outside.
  if (death === 'cut') return [shown, 'control'];
  // On the main thread, the hub's loop, full heap or deadlock would be the main thread's.
  return [shown, 'audio', ...(death === 'throw' ? ['hub'] : []), 'writer', 'control'];
};

/** A client of the control socket that has been greeted; null when nobody answers. */
const greet = (path: string): Promise<Socket | null> =>
  new Promise((resolve) => {
    const socket = createConnection(path);
    socket.setEncoding('utf8').on('error', () => resolve(null)).on('close', () => resolve(null)).once('data', () => resolve(socket));
    socket.write(`${JSON.stringify({ id: 1, method: 'hello', params: { client_name: 'kill matrix', protocol_version: '1.2' } })}\n`);
  });

/** Runs one such session to its end. Claims nothing yet. */
export const killConsumers = async (server: Server, shown: Shown, death: Death): Promise<KilledConsumers> => {
  const session = await startShown(server, shown, death);
  const drawing = keepDrawing(server);
  try {
    const early = session.ended.then((code) => Promise.reject(new Error(`the session ended by itself with exit code ${code}`)));
    await Promise.race([dieAndReturn(session, death), early]);
  } catch (error) {
    // Nothing else tells what became of a session whose log or dashboard is among the dead.
    await session.end();
    throw new Error(`${String(error)}\n${await session.said()}\n${readFileSync(session.statsPath, 'utf8')}\n${captureFiles(session.captureFolder).join('\n')}`, { cause: error });
  } finally {
    await drawing.end();
  }
  const code = await session.end();
  const stats = JSON.parse(readFileSync(session.statsPath, 'utf8')) as Stats;
  return { shown, death, code, stats, captureFolder: session.captureFolder };
};

/** In all files of the display. */
const displayBytes = (captureFolder: string): number =>
  captureFiles(captureFolder).filter((file) => basename(file).startsWith('display-0.')).reduce((sum, file) => sum + statSync(file).size, 0);

/** Waits until the last victim has died and is back, and the writer has written since. */
const dieAndReturn = async (session: ShownSession, death: Death): Promise<void> => {
  const control = await until('the control socket answers', COME_BACK_MS, () => greet(session.controlPath));
  const gone = new Promise<void>((resolve) => void control.once('close', () => resolve()));
  if (death === 'cut') {
    session.closeOutput();
    control.destroy();
  }
  await gone;
  (await until('the control socket answers again', COME_BACK_MS, () => greet(session.controlPath))).destroy();
  const written = displayBytes(session.captureFolder);
  await until('the display is written again', COME_BACK_MS, () => (displayBytes(session.captureFolder) > written ? true : null));
};

/** The firmware begins its screen anew, again and again: traffic at every moment. */
const keepDrawing = (server: Server): { end(): Promise<void> } => {
  const over = new AbortController();
  const looping = (async () => {
    while (!over.signal.aborted) {
      await qmp(server, 'system_reset');
      await pause(REDRAW_MS, undefined, { signal: over.signal }).catch(() => undefined);
    }
  })();
  return {
    end: async () => {
      over.abort();
      await looping;
    },
  };
};

interface ShownSession {
  readonly controlPath: string;
  readonly statsPath: string;
  readonly captureFolder: string;
  readonly ended: Promise<number | null>;
  /** What it shows, or showed at its end. */
  said(): Promise<string>;
  closeOutput(): void;
  /** As Ctrl+C does, unless it has ended. @returns the exit code */
  end(): Promise<number | null>;
}

const startShown = async (server: Server, shown: Shown, death: Death): Promise<ShownSession> => {
  const folder = scratchFolder('consumers');
  const controlPath = join(folder, 'control');
  const env = { RYLL_TEST_FAULTS: '1' };
  const more = ['--control-socket', controlPath, '--audio-file', join(folder, 'sound.wav'), ...(death === 'cut' ? [] : faultOptions(victimsOf(shown, death), [death]))];
  if (shown === 'log') {
    const session = startSession({ source: ['--direct', directOf(server)], more, env, capture: true });
    const own = session.folder;
    return {
      controlPath, statsPath: join(own, 'stats.json'), captureFolder: join(own, 'capture'), ended: session.ended.then(({ code }) => code),
      said: () => Promise.resolve(session.said()),
      closeOutput: () => session.closeOutput(),
      end: async () => (await session.end()).code,
    };
  }
  const [statsPath, captureFolder] = [join(folder, 'stats.json'), join(folder, 'capture')];
  const terminal = await openTerminal(['connect', '--direct', directOf(server), '--stats-json', statsPath, '--capture', captureFolder, ...more], { env });
  let [last, isOver] = ['', false];
  const ended = (async () => {
    try {
      const code = await terminal.exitCode(SESSION_MS);
      isOver = true;
      last = await terminal.capture();
      return code;
    } finally {
      await terminal.close();
    }
  })();
  return {
    controlPath, statsPath, captureFolder, ended,
    said: () => (isOver ? Promise.resolve(last) : terminal.capture()),
    closeOutput: () => { throw new Error('a terminal that hangs up ends the session: no death of the dashboard'); },
    end: async () => {
      if (!isOver) terminal.signal('SIGINT');
      return ended;
    },
  };
};

/** Asserts that each died of its own death, that who should is back, that no channel noticed, and that the capture lacks nothing. */
export const expectUnnoticed = async ({ shown, death, code, stats, captureFolder }: KilledConsumers): Promise<void> => {
  expect(code).toBe(INTERRUPTED);
  for (const actor of victimsOf(shown, death)) {
    // A control socket whose client is cut goes on with the others. Who shows the session to people is not brought back.
    const expected = actor === shown ? [ends[death]] : death === 'cut' ? ['shutdown'] : [ends[death], 'shutdown'];
    expect({ actor, ends: actorOf(stats, actor).lives.map(({ end }) => end) }).toEqual({ actor, ends: expected });
  }
  expect(stats.channels.length).toBeGreaterThanOrEqual(4);
  for (const channel of stats.channels) {
    expect({ channel: channel.channel, lives: channel.lives }).toMatchObject({ lives: [{ generation: 1, end: 'shutdown' }] });
    expect(channel).toMatchObject({ writer_dropped_count: 0, pong_send_count: channel.ping_recv_count });
  }
  await expectWholeCapture(stats, captureFolder);
};

/** An independent reader counts in all parts of a channel's file what the channel counted, in both directions. */
const expectWholeCapture = async (stats: Stats, captureFolder: string): Promise<void> => {
  const files = captureFiles(captureFolder);
  for (const { channel, messages_in, messages_out } of stats.channels) {
    const own = files.filter((file) => basename(file).startsWith(`${channel.replace('/', '-')}.`));
    const counted = await Promise.all(own.map((file) => countMessages(file, SERVER_PORT)));
    const sum = { fromServer: 0, fromClient: 0 };
    for (const { fromServer, fromClient } of counted) [sum.fromServer, sum.fromClient] = [sum.fromServer + fromServer, sum.fromClient + fromClient];
    expect({ channel, ...sum }).toEqual({ channel, fromServer: messages_in, fromClient: messages_out });
  }
};
