// IP address: the bytes of an address that is written as text. It decides by the text alone what is an address and what is a name.

/** 4 or 16 bytes, or null when the text is a name. A zone (`%eth0`) means something on one machine only, so it is left out. */
export function addressBytes(text: string): readonly number[] | null {
  return text.includes(':') ? ipv6Bytes(text.replace(/%.*$/, '')) : ipv4Bytes(text);
}

/** Whether a host is neither a name nor an address: portals hand out tokens that only their proxy understands, with colons in them. */
export function isHostToken(host: string): boolean {
  return host.includes(':') && addressBytes(host) === null;
}

function ipv4Bytes(text: string): readonly number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.map(Number);
}

function ipv6Bytes(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const before = groupBytes(halves[0] ?? '', halves.length === 1);
  const after = groupBytes(halves[1] ?? '', true);
  if (before === null || after === null) return null;
  const missing = 16 - before.length - after.length;
  // `::` stands for at least one group; without it nothing may be missing.
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return [...before, ...Array.from({ length: missing }, () => 0), ...after];
}

/** The bytes of one side of `::`; the last group of a whole address may be written as IPv4. */
function groupBytes(text: string, endsAddress: boolean): readonly number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    const embedded = endsAddress && index === groups.length - 1 && group.includes('.') ? ipv4Bytes(group) : null;
    if (embedded !== null) bytes.push(...embedded);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) bytes.push(Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff);
    else return null;
  }
  return bytes;
}
