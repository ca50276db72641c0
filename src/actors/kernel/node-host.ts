/**
 * The real world for actors: Node's clock, timers and randomness, and sockets added to them. The virtual host is its twin for the simulation; an actor
 * cannot tell which one it was given.
 */
import type { Host } from './host.ts';
import { createNodeBase } from './node-base.ts';
import { dialNodeSocket } from './node-socket.ts';

/** One per thread: it holds nothing, every timer and socket belongs to who asked for it. */
export function createNodeHost(): Host {
  return { ...createNodeBase(), dial: (endpoint, events) => dialNodeSocket(endpoint, events) };
}
