// Named maxima of everything that a peer can make us count, with their units. Each is far above what real servers send
// and far below what would hurt; none is a fact of the protocol, which sets no maxima (its section on size limits).

const KIB = 1024;
const MIB = 1024 * KIB;

/** A raw 8K picture is about 133 MiB; anything above this is hostile. Also bounds image data and the like inside a body. */
export const messageBodyBytesMax = 256 * MIB;
export const notifyMessageBytesMax = 64 * KIB;
export const hostNameBytesMax = 4 * KIB;
export const serverNameBytesMax = 64 * KIB;
export const portNameBytesMax = 4 * KIB;
/** An agent message is cut into chunks of 2048 bytes, but other servers may send larger bodies. */
export const agentDataBytesMax = 1 * MIB;
/** Client and server agree on 100 MiB of clipboard; some slack on top for file transfer blocks and headers. */
export const agentMessageBytesMax = 101 * MIB;
export const agentCapabilityWordsMax = 64;
export const agentMonitorsMax = 256;
export const agentClipboardTypesMax = 256;
export const agentGraphicsDevicesMax = 256;
export const channelsMax = 1024;
export const subMessagesMax = 65_535;
export const clipRectsMax = 1 * MIB;
export const pathSegmentsMax = 1 * MIB;
export const pathPointsMax = 4 * MIB;
export const glyphsMax = 65_535;
/** Palettes hold at most 256 colours: an index is a byte. */
export const paletteEntriesMax = 256;
export const invalidationsMax = 65_535;
export const displayHeadsMax = 1024;
/** Capability words of a link message; the reference server refuses more. */
export const capabilityWordsMax = 1024;
/** What may follow a link header; the reference server refuses more, and a reply is not larger. */
export const linkBytesMax = 4 * KIB;
export const smartcardDataBytesMax = 64 * KIB;
