// Keepalive: the message that an idle connection is given as a sign of life. SPICE has no PING from client to server, and an unknown message closes its
// channel, so it is one that every server takes in its stride. A channel with a better one says so itself (inputs.ts).

import type { Outgoing } from './channel.ts';

/**
 * Any id but 0 (on main the reference server's own measurement has 0) and none that a server's counter reaches. spice-server 0.15.1 takes an unasked PONG
 * on each of its nine channel types and does nothing but count it as life (measured; test/real/keepalive.test.ts).
 */
const unaskedPongId = 0xffff_fffe;

export const unaskedPong: Outgoing = { name: 'pong', value: { id: unaskedPongId, timestamp: 0n } };
