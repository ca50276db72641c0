// TCP segments put together to streams, in the order in which the file has them: a jump of the sequence numbers is a gap, what
// was there before is left out. That is all that captures of one's own making need; a network's reordering is not undone, it
// becomes gaps. Which side is the client comes from the SYN, else from the ports.

import type { TapDirection } from '../tap.ts';
import type { TcpSegment } from './tcp-segment.ts';

/** One TCP connection. */
export interface TcpStream {
  /** Counts the connections of a file, from 0. */
  readonly number: number;
  readonly clientPort: number;
  readonly serverPort: number;
  /** The invented addresses of captures of this program and of its ancestor. */
  readonly isInvented: boolean;
  readonly hasSyn: boolean;
  readonly interfaceName: string | null;
}

/** Bytes of one direction. */
export interface TcpPiece {
  readonly stream: TcpStream;
  readonly direction: TapDirection;
  readonly bytes: Uint8Array;
  /** Bytes of this direction that are missing before these; null = the stream's start is missing and nobody knows how much. */
  readonly missingBefore: number | null;
}

const SPICE_PORT = 5900;
const INVENTED_CLIENT = '10.0.0.1';
const INVENTED_SERVER = '10.0.0.2';
/** Where the data of invented connections begins: so a ring that no longer reaches back says how much it lost. */
const INVENTED_START = { sent: 1000, received: 2000 } as const;
/** Further back than this is no retransmission but a jump of more than 2 GiB. */
const BACK_BYTES_MAX = 64 * 1024 * 1024;
/** Connections of one file that are followed at the same time; a capture of a whole network may hold any number of others. */
const STREAMS_MAX = 4_096;

interface Followed {
  readonly stream: TcpStream;
  readonly client: string;
  /** The next sequence number of each direction; null before the first. */
  readonly next: Record<TapDirection, number | null>;
}

export class TcpStreams {
  /** By both ends, smaller first. */
  readonly #followed = new Map<string, Followed>();
  #count = 0;

  /**
   * The bytes that a segment brings, or null.
   * @param continues a SYN of a known connection begins no new one: the file goes on where another one ended
   */
  take(segment: TcpSegment, interfaceName: string | null, continues: boolean): TcpPiece | null {
    const source = `${segment.source}:${segment.sourcePort}`;
    const target = `${segment.target}:${segment.targetPort}`;
    const key = source < target ? `${source} ${target}` : `${target} ${source}`;
    let followed = this.#followed.get(key);
    const isFirstSyn = segment.isSyn && !segment.isAck;
    if (followed === undefined || (isFirstSyn && !continues)) {
      if (segment.isSyn || segment.payload.byteLength > 0) followed = this.#follow(key, segment, interfaceName);
      if (followed === undefined) return null;
    }
    const direction = followed.client === source ? 'sent' : 'received';
    if (segment.isSyn) {
      followed.next[direction] ??= (segment.sequence + 1) >>> 0;
      return null;
    }
    return segment.payload.byteLength === 0 ? null : this.#piece(followed, direction, segment);
  }

  #follow(key: string, segment: TcpSegment, interfaceName: string | null): Followed {
    const { source, sourcePort, target, targetPort, isSyn, isAck } = segment;
    const fromClient = isSyn ? !isAck : isClientSide(sourcePort, targetPort);
    const [client, clientPort, server, serverPort] = fromClient ? [source, sourcePort, target, targetPort] : [target, targetPort, source, sourcePort];
    const isInvented = client === INVENTED_CLIENT && server === INVENTED_SERVER && serverPort === SPICE_PORT;
    const stream: TcpStream = { number: this.#count++, clientPort, serverPort, isInvented, hasSyn: isSyn, interfaceName };
    const start = isInvented && !isSyn ? INVENTED_START : { sent: null, received: null };
    const followed: Followed = { stream, client: `${client}:${clientPort}`, next: { ...start } };
    // The oldest makes room: a capture of a whole network must not fill the memory.
    const [oldest] = this.#followed.keys();
    if (this.#followed.size >= STREAMS_MAX && oldest !== undefined) this.#followed.delete(oldest);
    this.#followed.delete(key);
    this.#followed.set(key, followed);
    return followed;
  }

  #piece(followed: Followed, direction: TapDirection, { sequence, payload }: TcpSegment): TcpPiece | null {
    const { stream, next } = followed;
    const expected = next[direction];
    const ahead = expected === null ? 0 : (sequence - expected) | 0;
    const known = ahead < 0 && -ahead <= BACK_BYTES_MAX ? -ahead : 0;
    if (known >= payload.byteLength) return null;
    next[direction] = (sequence + payload.byteLength) >>> 0;
    const missingBefore = expected === null ? null : known > 0 ? 0 : ahead >>> 0;
    return { stream, direction, bytes: payload.subarray(known), missingBefore };
  }
}

/** Servers listen on 5900 or on a port below those that systems hand out. */
function isClientSide(port: number, peerPort: number): boolean {
  if (peerPort === SPICE_PORT) return true;
  return port !== SPICE_PORT && port >= peerPort;
}
