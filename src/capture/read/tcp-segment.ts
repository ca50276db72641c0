// One packet as a TCP segment: Ethernet (VLAN tags too), Linux cooked captures, loopback and raw IP; IPv4 and IPv6. Checksums are
// not looked at: network cards compute them after the capture. Whatever is no whole TCP header is null, never a throw.

/** Ports and numbers as they are in the header. */
export interface TcpSegment {
  readonly source: string;
  readonly sourcePort: number;
  readonly target: string;
  readonly targetPort: number;
  readonly sequence: number;
  readonly isSyn: boolean;
  readonly isAck: boolean;
  /** What of it was captured. */
  readonly payload: Uint8Array;
}

const LinkType = { loopback: 0, ethernet: 1, rawBsd: 12, raw: 101, openLoopback: 108, linuxCooked: 113, ipv4: 228, ipv6: 229, linuxCooked2: 276 } as const;
const ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd, VLAN_TAGS = [0x8100, 0x88a8];
const PROTOCOL_TCP = 6;
const SYN = 0x02, ACK = 0x10;
/** IPv6 headers that may stand before TCP's: hop-by-hop, routing, destination options. */
const IPV6_EXTENSIONS = [0, 43, 60];
const IPV6_EXTENSIONS_MAX = 8;

export function parseTcpSegment(linkType: number, bytes: Uint8Array): TcpSegment | null {
  const at = ipOffset(linkType, bytes);
  if (at === null || at >= bytes.byteLength) return null;
  const ip = bytes.subarray(at);
  // In range: it has a byte.
  switch (ip[0]! >> 4) {
    case 4:
      return parseIpv4(ip);
    case 6:
      return parseIpv6(ip);
    default:
      return null;
  }
}

/** Where the IP header begins; null when the packet is not IP. */
function ipOffset(linkType: number, bytes: Uint8Array): number | null {
  switch (linkType) {
    case LinkType.ethernet: {
      let at = 12;
      while (VLAN_TAGS.includes(u16(bytes, at))) at += 4;
      return isIp(u16(bytes, at)) ? at + 2 : null;
    }
    case LinkType.linuxCooked:
      return isIp(u16(bytes, 14)) ? 16 : null;
    case LinkType.linuxCooked2:
      return isIp(u16(bytes, 0)) ? 20 : null;
    case LinkType.loopback:
    case LinkType.openLoopback:
      return 4;
    case LinkType.raw:
    case LinkType.rawBsd:
    case LinkType.ipv4:
    case LinkType.ipv6:
      return 0;
    default:
      return null;
  }
}

function isIp(etherType: number): boolean {
  return etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6;
}

function parseIpv4(ip: Uint8Array): TcpSegment | null {
  const headerBytes = ((ip[0] ?? 0) & 0x0f) * 4;
  const isFragment = (u16(ip, 6) & 0x3fff) !== 0;
  if (headerBytes < 20 || ip[9] !== PROTOCOL_TCP || isFragment) return null;
  // 0 = the network card was to fill it in.
  const total = u16(ip, 2) || ip.byteLength;
  return parseTcp(ip.subarray(headerBytes, total), ip.subarray(12, 16).join('.'), ip.subarray(16, 20).join('.'));
}

function parseIpv6(ip: Uint8Array): TcpSegment | null {
  const total = 40 + (u16(ip, 4) || ip.byteLength - 40);
  let next = ip[6] ?? 0;
  let at = 40;
  for (let extensions = 0; IPV6_EXTENSIONS.includes(next) && extensions < IPV6_EXTENSIONS_MAX; extensions++) {
    next = ip[at] ?? 0;
    at += 8 * ((ip[at + 1] ?? 0) + 1);
  }
  if (next !== PROTOCOL_TCP) return null;
  return parseTcp(ip.subarray(at, total), ipv6Text(ip.subarray(8, 24)), ipv6Text(ip.subarray(24, 40)));
}

function parseTcp(tcp: Uint8Array, source: string, target: string): TcpSegment | null {
  const headerBytes = ((tcp[12] ?? 0) >> 4) * 4;
  if (headerBytes < 20 || tcp.byteLength < headerBytes) return null;
  // In range: the header is whole.
  const flags = tcp[13]!;
  return {
    source,
    sourcePort: u16(tcp, 0),
    target,
    targetPort: u16(tcp, 2),
    sequence: ((u16(tcp, 4) << 16) | u16(tcp, 6)) >>> 0,
    isSyn: (flags & SYN) !== 0,
    isAck: (flags & ACK) !== 0,
    payload: tcp.subarray(headerBytes),
  };
}

function ipv6Text(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_, group) => u16(bytes, group * 2).toString(16)).join(':');
}

/** -1 behind the end: no field has that value. */
function u16(bytes: Uint8Array, at: number): number {
  const high = bytes[at], low = bytes[at + 1];
  return high === undefined || low === undefined ? -1 : (high << 8) | low;
}
