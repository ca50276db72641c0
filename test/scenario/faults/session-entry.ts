// One entry of the fault corpus that is played in virtual time, and how it is played: a whole session in this thread against the loopback server with the
// entry's faults, and what must be seen and named. Time, timers and what is left behind are looked at after each.
import { expect } from 'vitest';
import type { Verdict } from '#app/capture/verdict.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import { parseInjectedFault, type InjectedFault } from '#app/cli/injected-faults.js';
import { problemOf } from '#app/cli/outcome-problem.js';
import { parseServedFault } from '#app/cli/served-faults.js';
import type { SessionOutcome } from '#app/cli/session-outcome.js';
import type { LoopbackFault } from '#app/loopback/fault-script.js';
import { sceneFrame } from '#app/loopback/scene.js';
import type { LoopbackOptions } from '#app/loopback/server.js';
import { openSurface } from '#app/surface/shared-surface.js';
import { ReportDisk } from '../../support/report-disk.ts';
import { testSession, type TestSession } from '../../support/session-fixture.ts';
import { verdictIn } from '../../support/verdicts-in.ts';
import { VirtualLoopback } from '../../support/virtual-loopback.ts';

export interface SessionEntry {
  readonly name: string;
  /** As `serve --fault` takes them. */
  readonly faults: readonly string[];
  /** As `connect --inject` takes them. */
  readonly inject?: readonly string[];
  readonly server?: Partial<LoopbackOptions>;
  /** The server's ticket, which the client has. */
  readonly ticket?: { readonly linksMax?: number; readonly validForMs?: number };
  /** Virtual time that passes before everything is looked at, in seconds. */
  readonly seconds: number;
  /** Every warning and error that people read, in order. */
  readonly troubles: readonly (string | RegExp)[];
  /** Generations of channels that were started more than once, while all others were once. */
  readonly generations?: Readonly<Record<string, number>>;
  /** Channels that are not linked at the end. */
  readonly away?: readonly string[];
  /** The problem that the session ends with; by default it goes on. */
  readonly ends?: { readonly code: string; readonly exit: string; readonly message: string | RegExp };
  /** `equal`: every pixel is the server's. `stale`: the last picture stays while the server's moves on. Default: `equal`, or `none` when the session has ended. */
  readonly picture?: 'equal' | 'stale' | 'none';
  /** Rules that the client broke as the server sees it, which for some faults is the server's doing. */
  readonly violations?: Readonly<Record<string, number>>;
}

const channels = ['main/0', 'display/0', 'inputs/0', 'cursor/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0'];
/** Said in every session with this server: of these channels' data nobody makes use, and keys travel in the clear. */
const always = /^(main\/0 the server says: keyboard channel is insecure|(usbredir|port)\/0 gap \w+:data:unread: .*|record\/0 gap record:start:unheard: .*)$/;
const password = 'secret';

/** What the reports of one entry are judged to say, by nothing but their zips. */
export interface EntryVerdicts {
  /** Of the report that a loss wrote by itself; null = nothing was lost. The last, if there were several. */
  readonly automatic: Verdict | null;
  /** Of the report that somebody takes at the end; or a minute after it, when nothing had been lost or found by then. Of a session that is over: of what its end wrote. */
  readonly last: Verdict;
}

export interface Played {
  readonly troubles: readonly string[];
  readonly generations: Readonly<Record<string, number>>;
  readonly away: readonly string[];
  readonly ends: { readonly code: string; readonly exit: string; readonly message: string } | null;
  readonly picture: 'equal' | 'stale' | 'none';
  readonly violations: Readonly<Record<string, number>>;
}

export async function playSession(entry: SessionEntry): Promise<{ readonly played: Played; readonly verdicts: EntryVerdicts }> {
  const net = new VirtualLoopback(1, { firstPicture: 7, lastPicture: 30, ...entry.server, faults: entry.faults.map(servedFault) });
  if (entry.ticket !== undefined) {
    const { linksMax, validForMs } = entry.ticket;
    net.server.setTicket({ password, validUntilMs: validForMs === undefined ? null : net.host.clock.wallMs() + validForMs, ...(linksMax === undefined ? {} : { linksMax }) });
  }
  const disk = new ReportDisk(net.host);
  try {
    const made = testSession(net.host, 5900, { singleThread: true, password: entry.ticket === undefined ? '' : password, faults: (entry.inject ?? []).map(injectedFault), reports: disk.options });
    const seen: { outcome: SessionOutcome | null } = { outcome: null };
    void made.run.ended.then((outcome) => {
      seen.outcome = outcome;
      // As `connect` does.
      return made.run.stop();
    });
    const started = made.run.start();
    await disk.pass(entry.seconds * 1_000);
    await started;
    const played = lookAt(made, net, seen.outcome);
    const byHand = await takeByHand(made, disk, () => seen.outcome !== null);
    const stopped = made.run.stop();
    await disk.pass(40_000);
    await stopped;
    net.server.close();
    await net.host.settle();
    expect(made.run.actors.filter(({ exit }) => exit === null).map(({ id }) => id), 'actors that are left').toEqual([]);
    expect(net.host.pending, 'timers that are left').toBe(0);
    expect(made.run.reports.counts.failed, 'reports that could not be written').toBe(0);
    return { played, verdicts: await judge(disk, byHand) };
  } finally {
    disk.remove();
  }
}

/** Somebody who finds that something is wrong takes a report a while later. */
const laterMs = 60_000;

/** @returns where the last of them is, and of the others too; none of a session that is over */
async function takeByHand({ run }: TestSession, disk: ReportDisk, isOver: () => boolean): Promise<readonly string[]> {
  if (isOver()) return [];
  const first = await disk.ask(run.reports);
  const isFound = disk.paths.length > 1 || (await verdictIn(first)).causes.length > 0;
  if (isFound || isOver()) return [first];
  await disk.pass(laterMs);
  return isOver() ? [first] : [first, await disk.ask(run.reports)];
}

async function judge({ paths }: ReportDisk, byHand: readonly string[]): Promise<EntryVerdicts> {
  const lossPath = paths.findLast((path) => !byHand.includes(path));
  const lastPath = byHand.at(-1) ?? lossPath;
  if (lastPath === undefined) throw new Error('the session ended and left no report');
  return { automatic: lossPath === undefined ? null : await verdictIn(lossPath), last: await verdictIn(lastPath) };
}

export function expectPlayed(entry: SessionEntry, played: Played): void {
  const { generations = {}, away = [], violations = {}, ends, picture = ends === undefined ? 'equal' : 'none' } = entry;
  const loosely = (text: string | RegExp): unknown => (typeof text === 'string' ? text : expect.stringMatching(text));
  expect(played).toEqual({
    troubles: entry.troubles.map(loosely), generations, away, violations, picture,
    ends: ends === undefined ? null : { ...ends, message: loosely(ends.message) },
  });
}

function lookAt(session: TestSession, net: VirtualLoopback, outcome: SessionOutcome | null): Played {
  const { run } = session;
  const generations = run.actors.filter(({ handle }) => handle.generation > 1).map(({ id, handle }) => [id, handle.generation] as const);
  const problem = outcome === null ? null : problemOf(outcome, connectionTarget({ host: 'vm', port: 5900 }), { text: password, origin: 'environment' });
  return {
    troubles: session.troubles.filter((line) => !always.test(line)),
    generations: Object.fromEntries(generations),
    away: outcome === null ? channels.filter((id) => !isLinked(session, id)) : [],
    ends: problem === null ? null : { code: problem.code, exit: problem.exit, message: problem.message },
    picture: outcome === null ? pictureOf(session, net) : 'none',
    violations: net.server.observe().violations,
  };
}

function isLinked({ run }: TestSession, id: string): boolean {
  const memory = run.memory.channels.find((channel) => channel.id === id);
  return memory !== undefined && run.memory.facts(memory)?.phase === 'linked';
}

function pictureOf({ run }: TestSession, net: VirtualLoopback): Played['picture'] {
  const [shown] = run.surfaces;
  const number = net.server.observe().channels['display/0']?.['picture'];
  if (shown === undefined || typeof number !== 'number') return 'none';
  const { words } = openSurface(shown.buffer);
  const frame = sceneFrame(number).words;
  return frame.length === words.length && frame.every((word, at) => word === (words[at]! & 0xffffff)) ? 'equal' : 'stale';
}

function servedFault(text: string): LoopbackFault {
  const fault = parseServedFault(text);
  if (typeof fault === 'string') throw new Error(fault);
  return fault;
}

function injectedFault(text: string): InjectedFault {
  const fault = parseInjectedFault(text);
  if (typeof fault === 'string') throw new Error(fault);
  return fault;
}
