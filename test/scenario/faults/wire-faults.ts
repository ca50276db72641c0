// The corpus, bytes that are not as they should be: framing that is lost, messages that are malformed, unknown, too long or senseless, and
// bytes that come late or one at a time. Each names the gap under its key, and nothing but the channel concerned is touched.
import type { SessionEntry } from './session-entry.ts';

const relinked = (channel: string, kind: string, cause: string): string => `${channel} lost its connection (${kind}: ${cause}), linking again now`;
const noMessages = (size: number): string => `the server's bytes are not messages any more: oversize at header.size: ${size} (limit 268435456)`;
const garbageSize = 825_184_340;
const mainError = (size: number) => ({ code: 'mainLost.error', exit: 'mainLost', message: `The main channel of vm:5900 was lost: ${noMessages(size)}.` });

/** One message at 2 s, and the one thing that is said of it. */
const oneGap = (name: string, fault: string, gap: string | RegExp, more: Partial<SessionEntry> = {}): SessionEntry => ({ name, faults: [`${fault}@2s`], seconds: 4, troubles: [gap], ...more });

export const wireFaults: readonly SessionEntry[] = [
  { name: 'every byte by itself: inputs and cursor, and what is larger in small pieces', faults: ['inputs/0:split@link', 'cursor/0:split@link', 'display/0:split=61@link', 'main/0:split=61@link'], seconds: 5, troubles: [] },
  { name: 'a display that is 300 ms late shows the same picture', faults: ['display/0:delay=300ms'], server: { scene: 'default' }, seconds: 8, troubles: [] },
  { name: 'garbage on display: framing is lost, and the channel comes back', faults: ['display/0:garbage@2s'], seconds: 4, troubles: [`display/0 gap display:framing:oversize: oversize at header.size: ${garbageSize} (limit 268435456)`, relinked('display/0', 'protocol', noMessages(garbageSize))], generations: { 'display/0': 2 } },
  { name: 'garbage on cursor, twice in a row', faults: ['cursor/0:garbage@message:2x2'], seconds: 4, generations: { 'cursor/0': 3 },
    troubles: [
      `cursor/0 gap cursor:framing:oversize: oversize at header.size: ${garbageSize} (limit 268435456)`, relinked('cursor/0', 'protocol', noMessages(garbageSize)),
      `cursor/0 gap cursor:framing:oversize: oversize at header.size: ${garbageSize} (limit 268435456)`, /^cursor\/0 lost its connection \(protocol: the server's bytes are not messages any more: .*\), linking again in \d+ ms$/,
    ] },
  { name: 'an oversize header on display is refused before a byte of it is kept', faults: ['display/0:oversize@2s'], seconds: 4, troubles: ['display/0 gap display:framing:oversize: oversize at header.size: 4294967295 (limit 268435456)', relinked('display/0', 'protocol', noMessages(4294967295))], generations: { 'display/0': 2 } },
  { name: 'a message on display that is cut off', faults: ['display/0:truncate@message:4'], seconds: 4, troubles: ['display/0 gap display:framing:truncated: the connection ended inside a message, after 16 bytes of it', relinked('display/0', 'eof', 'closed: fin')], generations: { 'display/0': 2 } },
  { name: 'garbage on main ends the session with the size that it claimed', faults: ['main/0:garbage@2s'], seconds: 4, troubles: [`main/0 gap main:framing:oversize: oversize at header.size: ${garbageSize} (limit 268435456)`, `main/0 connection lost (protocol: ${noMessages(garbageSize)})`], ends: mainError(garbageSize) },
  { name: 'an oversize header on main ends the session', faults: ['main/0:oversize@2s'], seconds: 4, troubles: ['main/0 gap main:framing:oversize: oversize at header.size: 4294967295 (limit 268435456)', `main/0 connection lost (protocol: ${noMessages(4294967295)})`], ends: mainError(4294967295) },
  { name: 'a message on main that is cut off ends the session', faults: ['main/0:truncate@2s'], seconds: 4, troubles: ['main/0 gap main:framing:truncated: the connection ended inside a message, after 16 bytes of it', 'main/0 connection lost (eof: closed: fin)'], ends: { code: 'mainLost.fin', exit: 'mainLost', message: /closed the main channel/ } },

  oneGap('a PING that is too short is named and not answered', 'main/0:message=4/00', 'main/0 gap main:malformed:4: truncated at main.server.ping.id: 4 (limit 1)'),
  oneGap('a SET_ACK that is too short', 'display/0:message=3/00', 'display/0 gap display:malformed:3: truncated at display.server.setAck.generation: 4 (limit 1)'),
  oneGap('a second INIT of main that is too short', 'main/0:message=103/0102', 'main/0 gap main:malformed:103: truncated at main.server.init.sessionId: 4 (limit 2)'),
  oneGap('a list of four thousand million channels', 'main/0:message=104/ffffffff', 'main/0 gap main:malformed:104: countLimit at main.server.channelsList.channels: 4294967295 (limit 1024)'),
  oneGap('a name of four thousand million letters', 'main/0:message=113/ffffffff', 'main/0 gap main:malformed:113: countLimit at main.server.name.name: 4294967295 (limit 65536)'),
  oneGap('a mouse mode without a body', 'main/0:message=105', 'main/0 gap main:malformed:105: truncated at main.server.mouseMode.supportedModes: 2 (limit 0)'),
  oneGap('a migration without a host', 'main/0:message=101/00', 'main/0 gap main:malformed:101: truncated at main.server.migrateBegin.port: 2 (limit 1)'),
  oneGap('a migration that nobody can follow', 'main/0:message=1/00000000', 'main/0 gap main:migrate:migrate: the server is migrating the guest; following it is not supported'),
  oneGap('a drawing command that is too short', 'display/0:message=304/0102', 'display/0 gap display:malformed:304: truncated at display.server.drawCopy.base.surfaceId: 4 (limit 2)'),
  oneGap('more heads than there are bytes', 'display/0:message=317/ffffffff', 'display/0 gap display:malformed:317: countLimit at display.server.monitorsConfig.heads: 65535 (limit 1024)'),
  oneGap('a surface that was never made is destroyed', 'display/0:message=315/09000000', 'display/0 gap display:surface:unknown-id: SURFACE_DESTROY of 9'),
  { name: 'a surface of sixteen million terapixels is refused, and takes the one of its number with it', faults: ['display/0:message=314/00000000ffffffffffffffff2000000001000000@2s'], seconds: 4, picture: 'none',
    troubles: ['display/0 gap display:surface:duplicate-id: surface 0 is created over an older one', 'display/0 gap display:surface:size: surface 0, 4294967295 x 4294967295, format 32'] },
  oneGap('a pointer shape that is too short', 'cursor/0:message=103/00', 'cursor/0 gap cursor:malformed:103: truncated at cursor.server.set.position.x: 2 (limit 1)'),
  oneGap('an INIT of inputs without a body', 'inputs/0:message=101', 'inputs/0 gap inputs:malformed:101: truncated at inputs.server.init.modifiers: 2 (limit 0)'),
  oneGap('an INIT of inputs with two bytes more than known', 'inputs/0:message=101/0000aabb', 'inputs/0 gap inputs:trailing:init: 2 bytes after what init is known to hold'),
  oneGap('a start of playback that is too short', 'playback/0:message=103/01', 'playback/0 gap playback:malformed:103: truncated at playback.server.start.channels: 4 (limit 1)'),
  oneGap('a start of record that is too short', 'record/0:message=101/01', 'record/0 gap record:malformed:101: truncated at record.server.start.channels: 4 (limit 1)'),
  oneGap('an INIT of port that is too short', 'port/0:message=201/ffffffff00', /^port\/0 gap port:malformed:201: truncated at .*init\.name: 4 \(limit 1\)$/),
  oneGap('an event of webdav without a body', 'webdav/0:message=202', /^webdav\/0 gap webdav:malformed:202: truncated at .*event\.event: 1 \(limit 0\)$/),
  oneGap('a message of usbredir that no catalogue has', 'usbredir/0:message=250/00', 'usbredir/0 gap usbredir:message:250: message type 250, 1 bytes'),
  oneGap('a message of display that no catalogue has', 'display/0:message=999/0102', 'display/0 gap display:message:999: message type 999, 2 bytes'),
  oneGap('a list of messages that is shorter than it says', 'main/0:message=8/ffff', 'main/0 gap main:list:truncated: truncated at subList.offset: 262140 (limit 0)'),
  oneGap('a list of messages that points outside itself', 'main/0:message=8/01000000ff000000', 'main/0 gap main:list:pointerRange: pointerRange at subList.offset: 16711680 (limit 8)'),
  oneGap('a wait for a message that never comes ends at its deadline', 'cursor/0:message=5/0102003f420f0000000000', 'cursor/0 gap cursor:wait:deadline: went on without waiting any longer for display/0 message 999999', { server: { scene: 'idle' }, seconds: 30 }),
  oneGap('a notice with control characters is passed on as data, for whoever shows it to make safe', 'main/0:message=7/0000000000000000020000000000000000000000070000001b5b324a68690700', 'main/0 the server says: \u001b[2Jhi\u0007'),
];
