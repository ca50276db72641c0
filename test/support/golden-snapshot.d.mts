export function snapshotValue(value: unknown, body: Uint8Array): unknown;
