// Messages of the main channel: session, mouse mode, migration, and the envelope of agent traffic (agent.ts reads what is inside).

import { array, bytes, fixedBytes, nullablePointer, pointer, restBytes, struct, u16, u32, u64, u8 } from '../wire/layout.ts';
import { agentDataBytesMax, channelsMax, hostNameBytesMax, serverNameBytesMax } from '../limits.ts';

// `sport` is the TLS port. The sizes count the terminating NUL.
const destination = {
  port: u16,
  sport: u16,
  hostSize: u32,
  hostData: pointer(bytes('hostSize', hostNameBytesMax)),
  certSubjectSize: u32,
  certSubjectData: nullablePointer(bytes('certSubjectSize', hostNameBytesMax)),
} as const;

/** Also MIGRATE_SWITCH_HOST. */
export const migrateBegin = struct(destination);
export const migrateBeginSeamless = struct({ ...destination, srcMigVersion: u32 });

/** Mouse modes: `MouseMode`, 32 bits wide here. `multiMediaTime` in ms, `ramHint` in bytes. */
export const mainInit = struct({
  sessionId: u32,
  displayChannelsHint: u32,
  supportedMouseModes: u32,
  currentMouseMode: u32,
  agentConnected: u32,
  agentTokens: u32,
  multiMediaTime: u32,
  ramHint: u32,
});

export const channelsList = struct({ count: u32, channels: array('count', struct({ type: u8, id: u8 }), channelsMax) });

/** 16 bits each on the wire although the C structure has 32 (`spice.proto`, `mouse_mode`). */
export const mouseMode = struct({ supportedModes: u16, currentMode: u16 });

/** In ms. */
export const multiMediaTime = struct({ time: u32 });
export const agentDisconnected = struct({ errorCode: u32 });
export const agentData = struct({ data: restBytes(agentDataBytesMax) });
/** Also AGENT_CONNECTED_TOKENS and AGENT_START. */
export const agentToken = struct({ numTokens: u32 });
/** The length counts the terminating NUL. */
export const name = struct({ nameLength: u32, name: bytes('nameLength', serverNameBytesMax) });
export const uuid = struct({ uuid: fixedBytes(16) });

/** Obsolete; the reference client never sends it. */
export const clientInfo = struct({ cacheSize: u64 });
export const mouseModeRequest = struct({ mode: u16 });
export const migrateDstDoSeamless = struct({ srcVersion: u32 });
