/**
 * The least version that a connection file asks of its viewer: `version`, and `versions` with one for each system that virt-viewer is built for. Those are
 * versions of virt-viewer, not of this program, so they are compared with the release whose keys this program knows, and never refuse a connection.
 */

/** The virt-viewer release whose keys are in vv-keys.ts. */
export const KNOWN_VIEWER_VERSION = '11.0';

export interface SystemVersion {
  /** `rhel9`, `rhev-win64`, …: whoever built that viewer chose it. */
  readonly system: string;
  readonly version: string;
}

/** `system:version`; null when it is neither that nor `system=version`, which is seen too. */
export function parseSystemVersion(item: string): SystemVersion | null {
  const [, system, version] = /^\s*([^:=\s]+)\s*[:=]\s*(\S+)\s*$/.exec(item) ?? [];
  return system === undefined || version === undefined ? null : { system, version };
}

/** Whether it reads like a version at all: numbers and dots, then maybe a build number behind a dash. */
export function isVersion(text: string): boolean {
  return /^\d{1,9}(?:\.\d{1,9}){0,9}(?:-[\w.]{1,40})?$/.test(text);
}

/**
 * Whether `wanted` is newer than the known viewer. Numbers are compared one by one; the build number after a dash counts nothing, because it is one system's
 * own; what is no version at all asks for nothing (virt-viewer takes it for equal, too).
 */
export function isNewerThanKnown(wanted: string): boolean {
  if (!isVersion(wanted)) return false;
  const numbersOf = (version: string): number[] => (version.split('-', 1)[0] ?? '').split('.').map(Number);
  const known = numbersOf(KNOWN_VIEWER_VERSION);
  const asked = numbersOf(wanted);
  for (let at = 0; at < Math.max(known.length, asked.length); at += 1) {
    const difference = (asked[at] ?? 0) - (known[at] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

/**
 * What the user is told when the file wants a newer viewer than the known one; null when it does not. With `versions`, every system's must be newer: which
 * of them this program would count as is nobody's to say.
 */
export function newerViewerNote(version: string | null, versions: readonly SystemVersion[], url: string | null): string | null {
  const asked = version !== null && isNewerThanKnown(version) ? version : null;
  const everywhere = versions.length > 0 && versions.every((one) => isNewerThanKnown(one.version)) ? versions.map((one) => `${one.version} on ${one.system}`).slice(0, 4).join(', ') : null;
  const wanted = asked ?? everywhere;
  if (wanted === null) return null;
  const where = url === null ? '' : `; its issuer points to ${url}`;
  return `asks for virt-viewer ${wanted} or newer; this client knows the keys of ${KNOWN_VIEWER_VERSION} and connects all the same${where}`;
}
