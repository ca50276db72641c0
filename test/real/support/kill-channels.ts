// The kill matrix's channels: one session in which each secondary channel dies of each given death, one after the other. What is claimed
// of such a session, whatever the server, is said here; the picture is for the caller to compare.
import { expect } from 'vitest';
import { ChannelProxy } from '../../support/channel-proxy.ts';
import { ends, faultOptions, type Death } from './deaths.ts';
import type { Server } from './servers.ts';
import { channelOf, INTERRUPTED, startSession, type Ended, type Life, type Session, type Stats } from './session.ts';
import { until } from './still.ts';

const LINK_MS = 60_000;
/** The server pings main every 15 s. */
const PONG_MS = 40_000;
/** Of a link exchange in one direction: a header, capabilities, a key of 162 bytes or a ticket of 128. */
const LINK_BYTES_MAX = 400;

export interface KillOptions {
  readonly server: Server;
  /** In this order; `cut` last. */
  readonly deaths: readonly Death[];
  /** Every secondary channel that the server offers, in the order of their deaths. */
  readonly channels: readonly string[];
  readonly coverage?: boolean;
  /** Runs when all are back and main has answered again, before the session ends. */
  readonly whenBack?: () => Promise<void>;
}

export interface Killed extends Pick<KillOptions, 'channels' | 'deaths'> {
  readonly ended: Ended;
  readonly stats: Stats;
  /** Wall-clock milliseconds at which a socket was cut. */
  readonly cutAtMs: ReadonlyMap<string, number>;
  readonly proxy: Seen;
}

/** What the proxy between client and server saw. */
interface Seen {
  readonly mainDials: number;
  readonly sessionIds: readonly (number | null)[];
  readonly dials: readonly number[];
  /** Bytes of main: when the last channel was back, and at the end of the session. */
  readonly mainBefore: { readonly fromClient: number; readonly fromServer: number };
  readonly mainAfter: { readonly fromClient: number; readonly fromServer: number };
}

const linkedTimes = (session: Session, channel: string): number => session.said().split(` ${channel} linked`).length - 1;

const awaitLinks = (session: Session, channel: string, times: number): Promise<unknown> =>
  Promise.race([
    until(`${channel} is linked ${times} times`, LINK_MS, () => (linkedTimes(session, channel) >= times ? true : null)),
    session.ended.then(({ code, stdout, stderr }) => Promise.reject(new Error(`the session ended (${code}) before ${channel} was linked ${times} times\n${stdout}\n${stderr}`))),
  ]);

/** Runs one such session to its end. Claims nothing yet. */
export const killChannels = async ({ server, deaths, channels, coverage = false, whenBack }: KillOptions): Promise<Killed> => {
  const proxy = await ChannelProxy.start(Number(server.get('SPICE_PORT')));
  try {
    const injected = deaths.filter((death) => death !== 'cut');
    const session = startSession({
      source: ['--direct', `127.0.0.1:${proxy.port}`],
      screenshot: true,
      coverage,
      env: { RYLL_TEST_FAULTS: '1' },
      more: faultOptions(channels, injected),
      timeoutMs: 120_000,
    });
    for (const channel of channels) await awaitLinks(session, channel, injected.length + 1);
    const cutAtMs = new Map<string, number>();
    if (deaths.includes('cut')) {
      for (const channel of channels) {
        cutAtMs.set(channel, Date.now());
        proxy.cut(channel, 'rst');
        await awaitLinks(session, channel, deaths.length + 1);
      }
    }
    const mainBefore = proxy.passed('main/0');
    await until('main is sent a PING after all the deaths, and answers', PONG_MS, () => {
      const { fromClient, fromServer } = proxy.passed('main/0');
      return fromClient > mainBefore.fromClient && fromServer > mainBefore.fromServer ? true : null;
    });
    await whenBack?.();
    const ended = await session.end();
    const seen: Seen = {
      mainDials: proxy.count('main/0'),
      sessionIds: channels.map((channel) => proxy.connectionId(channel)),
      dials: channels.map((channel) => proxy.count(channel)),
      mainBefore,
      mainAfter: proxy.passed('main/0'),
    };
    return { channels, deaths, ended, stats: ended.stats(), cutAtMs, proxy: seen };
  } finally {
    await proxy.close();
  }
};

/** Asserts what holds of every such session: each channel died of its own deaths alone and is back, in a session that went on. */
export const expectEachAlone = ({ channels, deaths, ended, stats, proxy }: Killed): void => {
  expect({ code: ended.code, stderr: ended.stderr, timedOut: ended.timedOut }).toEqual({ code: INTERRUPTED, stderr: '', timedOut: false });
  expect(stats.channels.map(({ channel }) => channel).filter((channel) => channel !== 'main/0').toSorted()).toEqual(channels.toSorted());
  // One life more than deaths, each ended by what was done to it: nobody died with another.
  const lives = channels.map((channel) => ({ channel, ends: channelOf(stats, channel).lives.map(({ end }) => end) }));
  expect(lives).toEqual(channels.map((channel) => ({ channel, ends: [...deaths.map((death) => ends[death]), 'shutdown'] })));
  expect(proxy.dials).toEqual(channels.map(() => deaths.length + 1));
  // One session, to the last link.
  expect(proxy.sessionIds).toEqual(channels.map(() => stats.session_id));
  const main = channelOf(stats, 'main/0');
  expect(main).toMatchObject({ generation: 1, pong_send_count: main.ping_recv_count, dropped: 0 });
  expect(proxy.mainDials).toBe(1);
  // Main's counters have all of its bytes, from before the deaths and after them; only the link exchange is not counted.
  expect(proxy.mainAfter.fromServer).toBeGreaterThan(proxy.mainBefore.fromServer);
  for (const [counted, passed] of [[main.bytes_in, proxy.mainAfter.fromServer], [main.bytes_out, proxy.mainAfter.fromClient]] as const) {
    expect(passed - counted).toBeGreaterThan(0);
    expect(passed - counted).toBeLessThan(LINK_BYTES_MAX);
  }
};

/** One channel's way back from one death. Milliseconds. */
export interface Recovery {
  readonly channel: string;
  readonly death: Death;
  /** Its first link in the same session, from asking for its thread to linked; a display's to its first complete picture. */
  readonly firstMs: number;
  /** From death to the same again; of a frozen one from the moment at which it was found. */
  readonly backMs: number;
  /** What of that was the new link, from asking for its thread. */
  readonly linkMs: number;
}

const readySecs = (channel: string, life: Life): number => (channel.startsWith('display/') ? life.picture_ts_secs : life.linked_ts_secs) ?? Number.NaN;

export const recoveriesOf = ({ channels, deaths, stats, cutAtMs }: Killed): readonly Recovery[] => {
  const ms = (fromSecs: number, toSecs: number): number => Math.round((toSecs - fromSecs) * 1000);
  /** In seconds since the session began. Filling a heap, and the collector's last tries, are part of how that death comes. */
  const deathSecs = (channel: string, death: Death, life: Life): number => {
    if (death === 'cut') return ((cutAtMs.get(channel) ?? Number.NaN) - Date.parse(stats.started_at)) / 1000;
    const moment = { throw: life.last_mark_ts_secs, heap: life.ended_ts_secs, spin: life.found_frozen_ts_secs, wait: life.found_frozen_ts_secs }[death];
    return moment ?? Number.NaN;
  };
  return channels.flatMap((channel) => {
    const { lives } = channelOf(stats, channel);
    return deaths.map((death, index) => {
      const [first, before, after] = [lives[0], lives[index], lives[index + 1]];
      if (first === undefined || before === undefined || after === undefined) throw new Error(`${channel} did not come back from ${death}`);
      const ready = readySecs(channel, after);
      return { channel, death, firstMs: ms(first.started_ts_secs, readySecs(channel, first)), backMs: ms(deathSecs(channel, death, before), ready), linkMs: ms(after.started_ts_secs, ready) };
    });
  });
};
