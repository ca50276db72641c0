// The corpus, what servers and networks do to a channel that is linked: each entry with what must be seen and what must be named.
import type { SessionEntry } from './session-entry.ts';

const moving = { scene: 'default' } as const;
const idle = { scene: 'idle' } as const;
const lost = (channel: string, how: 'fin' | 'rst' | 'timeout'): string => `${channel} lost its connection (${how === 'fin' ? 'eof' : how}: closed: ${how}), linking again now`;
const secondary = ['inputs/0', 'playback/0', 'record/0', 'usbredir/0', 'port/0', 'webdav/0', 'cursor/0', 'display/0'];
const silent = secondary.filter((channel) => channel !== 'display/0');
const twice = Object.fromEntries(secondary.map((channel) => [channel, 2]));
const mainLost = (how: 'fin' | 'rst', message: string) => ({ code: `mainLost.${how}`, exit: 'mainLost', message });
const closedMain = mainLost('fin', 'vm:5900 closed the main channel; the VM was shut down, another client took over, or the server found us silent.');
const gaveUpMain = { code: 'mainLost.timeout', exit: 'mainLost', message: "The main channel of vm:5900 went silent; the network between broke, or the server's host stopped." };
const silentMain = 'main/0 connection lost (timeout: nothing was received for 90 s)';
const resetMain = mainLost('rst', 'The main channel of vm:5900 was reset; the server ended abruptly, or something on the way forgot the connection.');
const unknownSession = { code: 'link.badConnectionId', exit: 'linkRefused', message: /^inputs\/0 was lost and could not be linked again: vm:5900 does not know the session/ };

export const serverFaults: readonly SessionEntry[] = [
  { name: 'a display that is closed in order comes back alone', faults: ['display/0:fin@1s'], server: moving, seconds: 6, troubles: [lost('display/0', 'fin')], generations: { 'display/0': 2 } },
  { name: 'a display that is reset in the middle of a picture comes back alone', faults: ['display/0:rst@message:12'], server: moving, seconds: 6, troubles: [lost('display/0', 'rst')], generations: { 'display/0': 2 } },
  { name: 'inputs that is reset comes back alone', faults: ['inputs/0:rst@3s'], seconds: 5, troubles: [lost('inputs/0', 'rst')], generations: { 'inputs/0': 2 } },
  { name: 'six channels cut at one moment spend one restart each', faults: silent.map((channel) => `${channel}:rst@3s`), seconds: 5, troubles: silent.map((channel) => lost(channel, 'rst')), generations: Object.fromEntries(silent.map((channel) => [channel, 2])) },
  { name: 'a cursor whose peer vanished is found out by keepalive', faults: ['cursor/0:halfOpen@3s'], server: idle, seconds: 90, troubles: [lost('cursor/0', 'timeout')], generations: { 'cursor/0': 2 } },
  { name: 'a display whose peer vanished is found out by keepalive, and painted anew', faults: ['display/0:halfOpen@1s'], server: idle, seconds: 85, troubles: [lost('display/0', 'timeout')], generations: { 'display/0': 2 } },
  { name: 'a display that stands still keeps its last picture, and all others go on', faults: ['display/0:spin@1s'], server: { ...moving, lastPicture: 80, stallMs: 2_000 }, seconds: 10, troubles: [], picture: 'stale', violations: { 'display:stalled': 1 } },
  { name: 'a server that reads nothing on display closes it when its patience ends, and it comes back', faults: ['display:stopReading@1s'], server: { ...moving, lastPicture: 80, stallMs: 2_000 }, seconds: 10, troubles: [lost('display/0', 'fin')], generations: { 'display/0': 2 }, violations: { 'display:stalled': 1 } },
  { name: 'a server that writes nothing on display closes it when its patience ends, and it comes back', faults: ['display:stopWriting@1s'], server: { ...moving, lastPicture: 80, stallMs: 2_000 }, seconds: 10, troubles: [lost('display/0', 'fin')], generations: { 'display/0': 2 }, violations: { 'display:stalled': 1 } },
  { name: 'a server that reads nothing on inputs is not noticed as long as nothing is typed', faults: ['inputs:stopReading@1s'], server: idle, seconds: 60, troubles: [] },
  { name: 'a main without PINGs goes on as long as it says anything', faults: ['main/0:stopPings@3s'], seconds: 150, troubles: [] },
  { name: 'a main that says nothing at all is given up after 90 s', faults: ['main/0:stopPings@3s'], server: idle, seconds: 100, troubles: [silentMain], ends: gaveUpMain },
  { name: 'a main whose PONGs are not read is ended by the connectivity check, once', faults: ['main/0:stopReading@3s'], server: idle, seconds: 90, troubles: ['main/0 connection lost (eof: closed: fin)'], ends: closedMain },
  { name: 'a main of which nothing arrives any more is given up after 90 s, before the server gives up the client', faults: ['main/0:stopWriting@3s'], server: idle, seconds: 100, troubles: [silentMain], ends: gaveUpMain },
  { name: 'a connectivity check of 2 s is told from a lost server by its words alone', faults: ['main/0:stopReading@1s'], server: { ...idle, checkEveryMs: 2_000, pingEveryMs: 500 }, seconds: 10, troubles: ['main/0 connection lost (eof: closed: fin)'], ends: closedMain },
  {
    name: 'a main that stands still while its session is ended costs the session, with the reason that the others hear', faults: ['main/0:spin@3s'], server: idle, seconds: 75,
    troubles: secondary.map((channel) => lost(channel, 'fin')), generations: twice, ends: unknownSession,
  },
  {
    name: 'a main that vanished takes its session with it, and the others hear why', faults: ['main/0:halfOpen@3s'], server: idle, seconds: 75,
    troubles: secondary.map((channel) => lost(channel, 'fin')), generations: twice, ends: unknownSession,
  },
  { name: 'a main that is closed ends the session, and nothing is dialled', faults: ['main/0:fin@3s'], seconds: 60, troubles: ['main/0 connection lost (eof: closed: fin)'], ends: closedMain },
  { name: 'a main that is reset ends the session, and nothing is dialled', faults: ['main/0:rst@3s'], seconds: 60, troubles: ['main/0 connection lost (rst: closed: rst)'], ends: resetMain },
  { name: 'a server that dies takes all channels at one moment: one sentence, no dial', faults: ['*:rst@5s'], seconds: 60, troubles: ['main/0 connection lost (rst: closed: rst)'], ends: resetMain },
  { name: 'a proxy that cuts what is idle for 60 s cuts nothing: no channel is idle for so long', faults: ['*:idle=60s/rstxall'], server: idle, seconds: 300, troubles: [] },
  { name: 'a proxy that cuts what is idle for 10 s costs the channel a restart each time, and never the session', faults: ['inputs:idle=10s/rstxall'], server: idle, seconds: 78, troubles: Array.from({ length: 7 }, () => lost('inputs/0', 'rst')), generations: { 'inputs/0': 8 } },
];
