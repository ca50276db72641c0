// The corpus, what goes wrong while a channel is linked: refusals, silence, tickets that end, a server that still holds the old link.
import type { SessionEntry } from './session-entry.ts';

const wait = String.raw`linking again in [\d.]+ m?s`;
const refused = (code: string, exit: string, message: string | RegExp) => ({ code: `link.${code}`, exit, message });
const ticketRefused = (of = '') => refused('ticketRefused', 'authFailed', `${of}vm:5900 refused the password from RYLL_PASSWORD: it is wrong, or the server's ticket has expired or is not set.`);

export const linkFaults: readonly SessionEntry[] = [
  { name: 'main refused for TLS names the ports to give', faults: ['main/0:refuse=needSecured'], seconds: 1, troubles: ['main/0 not linked (denied): the server wants TLS and no TLS port is known'], ends: refused('needSecured', 'linkRefused', /^vm:5900 wants TLS for main\/0 and no TLS port is known; give one/) },
  { name: 'main refused for its ticket names where the password came from', faults: ['main/0:refuse=permissionDenied'], seconds: 1, troubles: ['main/0 not linked (auth): the server answered permissionDenied'], ends: ticketRefused() },
  { name: 'main refused for its version', faults: ['main/0:refuse=versionMismatch'], seconds: 1, troubles: ['main/0 not linked (denied): the server answered versionMismatch'], ends: refused('versionMismatch', 'linkRefused', /^vm:5900 does not accept SPICE 2\.2/) },
  { name: 'main refused with a number that has no name', faults: ['main/0:refuse=4711@ticket'], seconds: 1, troubles: ['main/0 not linked (denied): the server answered 4711'], ends: refused('code4711', 'linkRefused', 'vm:5900 refused main/0 with the unknown code 4711; its own log says more.') },
  { name: 'what answers main is no SPICE', faults: ['main/0:garbage@link'], seconds: 1, troubles: ['main/0 not linked (protocol): what answers does not speak SPICE'], ends: refused('notSpice', 'linkRefused', /^What listens on vm:5900 does not speak SPICE/) },
  { name: 'a link result of garbage is a refusal of that number', faults: ['main/0:garbage@ticket'], seconds: 1, troubles: ['main/0 not linked (denied): the server answered 1347703880'], ends: refused('code1347703880', 'linkRefused', /unknown code 1347703880/) },
  { name: 'a link reply that is too long is refused by its header', faults: ['main/0:oversize@link'], seconds: 1, troubles: ['main/0 not linked (protocol): the link reply makes no sense: oversize at linkHeader.size: 4294967295 (limit 4096)'], ends: refused('malformed', 'linkRefused', /oversize at linkHeader\.size: 4294967295 \(limit 4096\)/) },
  { name: 'a link reply that is cut off', faults: ['main/0:truncate@link'], seconds: 1, troubles: ['main/0 not linked (eof): closed: fin'], ends: { code: 'socket.fin', exit: 'connectFailed', message: /closed the connection of main\/0 while linking/ } },
  { name: 'a link result that is cut off', faults: ['main/0:truncate@ticket'], seconds: 1, troubles: ['main/0 not linked (eof): closed: fin'], ends: { code: 'socket.fin', exit: 'connectFailed', message: /closed the connection of main\/0 while authenticating/ } },
  { name: 'a reset in place of the link reply', faults: ['main/0:rst@link'], seconds: 1, troubles: ['main/0 not linked (rst): closed: rst'], ends: { code: 'socket.rst', exit: 'connectFailed', message: /^vm:5900 reset the connection of main\/0 while linking/ } },
  { name: 'no link reply within 10 s', faults: ['main/0:stopWriting@link'], seconds: 11, troubles: ['main/0 not linked (timeout): no answer within 10 s (linking)'], ends: { code: 'deadline.linking', exit: 'connectFailed', message: /sent no SPICE link reply within 10 s/ } },
  { name: 'no link result within 10 s', faults: ['main/0:stopWriting@ticket'], seconds: 11, troubles: ['main/0 not linked (timeout): no answer within 10 s (authenticating)'], ends: { code: 'deadline.authenticating', exit: 'connectFailed', message: /did not judge the ticket within 10 s/ } },
  { name: 'a main of which nothing arrives for 11 s is given up at the deadline', faults: ['main/0:delay=11s@link'], seconds: 20, troubles: ['main/0 not linked (timeout): no answer within 10 s (linking)'], ends: { code: 'deadline.linking', exit: 'connectFailed', message: /within 10 s/ } },
  { name: 'a main that is 2 s late is linked', faults: ['main/0:delay=2s@link'], seconds: 15, troubles: [] },
  { name: 'a display that the server does not have after all is said once and left alone', faults: ['display/0:refuse=channelNotAvailable'], seconds: 5, troubles: ['display/0 not linked (denied): the server answered channelNotAvailable'], away: ['display/0'], picture: 'none' },
  { name: 'a display that wants TLS on a plain session is said once and left alone', faults: ['display/0:refuse=needSecured'], seconds: 5, troubles: ['display/0 not linked (denied): the server wants TLS and no TLS port is known'], away: ['display/0'], picture: 'none' },
  { name: 'usbredir behind something that is no SPICE is left alone', faults: ['usbredir:garbage@linkxall'], seconds: 5, troubles: ['usbredir/0 not linked (protocol): what answers does not speak SPICE'], away: ['usbredir/0'] },
  { name: 'playback whose link result is cut off twice is linked the third time', faults: ['playback:truncate@ticketx2'], seconds: 5, troubles: ['playback/0 not linked (eof): closed: fin, linking again now', new RegExp(`^playback/0 not linked \\(eof\\): closed: fin, ${wait}$`)], generations: { 'playback/0': 3 } },
  {
    name: 'inputs that never gets a link reply is left alone after three tries', faults: ['inputs/0:stopWriting@linkxall'], server: { scene: 'idle' }, seconds: 60,
    troubles: ['inputs/0 not linked (timeout): no answer within 10 s (linking), linking again now', new RegExp(`^inputs/0 not linked \\(timeout\\): no answer within 10 s \\(linking\\), ${wait}$`), 'inputs/0 not linked (timeout): no answer within 10 s (linking)'],
    generations: { 'inputs/0': 3 }, away: ['inputs/0'],
  },
  {
    name: 'waiting in vain for a link is no health: the waits grow', faults: ['inputs/0:fin@3s', 'inputs/0:stopWriting@linkx2-all'], server: { scene: 'idle' }, seconds: 50,
    troubles: [
      'inputs/0 lost its connection (eof: closed: fin), linking again now',
      ...['(1\\d\\d|200) ms', '([789]\\d\\d ms|1\\.\\d s)', '[34]\\.\\d s', '1\\d\\.\\d s'].map((words) => new RegExp(`^inputs/0 not linked \\(timeout\\): no answer within 10 s \\(linking\\), linking again in ${words}$`)),
    ],
    generations: { 'inputs/0': 5 }, away: ['inputs/0'],
  },
  { name: 'a re-link that is refused for its ticket ends the session with that reason', faults: ['inputs/0:fin@3s', 'inputs/0:refuse=permissionDeniedx2-2'], seconds: 6, troubles: ['inputs/0 lost its connection (eof: closed: fin), linking again now'], generations: { 'inputs/0': 2 }, ends: ticketRefused('inputs/0 was lost and could not be linked again: ') },
  { name: 'a ticket that expired meanwhile ends the session at the first re-link', faults: ['cursor/0:fin@6s'], ticket: { validForMs: 5_000 }, seconds: 8, troubles: ['cursor/0 lost its connection (eof: closed: fin), linking again now'], generations: { 'cursor/0': 2 }, ends: ticketRefused('cursor/0 was lost and could not be linked again: ') },
  { name: 'a ticket for a single use ends the session at the first re-link', faults: ['cursor/0:fin@2s'], ticket: { linksMax: 1 }, seconds: 4, troubles: ['cursor/0 lost its connection (eof: closed: fin), linking again now'], generations: { 'cursor/0': 2 }, ends: ticketRefused('cursor/0 was lost and could not be linked again: ') },
  {
    name: 'a display that the server holds still is tried again until it lets go', faults: ['display/0:fin@3s', 'display/0:duplicatex2-3'], seconds: 8,
    troubles: ['display/0 lost its connection (eof: closed: fin), linking again now', ...[1, 2].map(() => new RegExp(`^display/0 lost its connection \\(eof: closed: fin\\), ${wait}$`))], generations: { 'display/0': 4 },
  },
  {
    name: 'a display that the server never lets go costs the session, which says which and why', faults: ['display/0:duplicatexall'], server: { scene: 'idle' }, seconds: 40,
    troubles: ['display/0 lost its connection (eof: closed: fin), linking again now', ...[1, 2, 3, 4].map(() => new RegExp(`^display/0 lost its connection \\(eof: closed: fin\\), ${wait}$`))], generations: { 'display/0': 6 },
    ends: { code: 'supervisor.lostPeer', exit: 'gaveUp', message: /^display\/0 lost its connection to vm:5900 again and again/ },
  },
];
