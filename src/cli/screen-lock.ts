// Screen lock: which program of each platform tells whether the user's screen is locked, and how its lines are read. A table and pure functions;
// screen-lock-program.ts runs what is chosen here.

import { isOnPath } from '../actors/program-path.ts';

/** Something that tells whether the user's screen is locked. */
export interface ScreenLock {
  /** What it asks: `logind`. */
  readonly provider: string;
  /** Tells from now on. The answer ends it, and resolves when nothing of it is left. */
  watch(events: ScreenLockEvents): () => Promise<void>;
}

export interface ScreenLockEvents {
  /** The state, each time that it is heard of: perhaps the same as before. */
  heard(locked: boolean): void;
  /** Nothing more will be told. */
  lost(why: string): void;
}

/** A program that runs for as long as it is listened to and says something now and then, a line each time. */
export interface ScreenLockProgram {
  readonly provider: string;
  readonly program: string;
  readonly args: readonly string[];
  /** The state that a line tells; null when it tells none. */
  read(line: string): boolean | null;
}

export interface ScreenLockPlace {
  readonly platform: string;
  /** Folders as in PATH. */
  readonly path: string;
  /** The user's number; null where users have none. */
  readonly uid: number | null;
}

/** This machine and this user. */
export function screenLockPlace(environment: Readonly<Record<string, string | undefined>>): ScreenLockPlace {
  return { platform: process.platform, path: environment['PATH'] ?? '', uid: process.getuid?.() ?? null };
}

export type ScreenLockChoice = { readonly kind: 'program'; readonly program: ScreenLockProgram } | { readonly kind: 'none'; readonly why: string };

/** How often a platform that tells nothing by itself is asked, in seconds. */
const askEverySeconds = 5;

export function chooseScreenLock({ platform, path, uid }: ScreenLockPlace): ScreenLockChoice {
  const chosen = (needed: readonly string[], hint: string, program: ScreenLockProgram): ScreenLockChoice => {
    const missing = needed.filter((name) => !isOnPath(name, path));
    return missing.length === 0 ? { kind: 'program', program } : { kind: 'none', why: `${missing.join(' and ')} not found${hint}` };
  };
  switch (platform) {
    case 'linux':
      return chosen(['gdbus', 'loginctl'], ' (in Debian\'s packages libglib2.0-bin and systemd)', { provider: 'logind', program: 'sh', args: ['-c', logindScript], read: readLogind });
    case 'darwin':
      return chosen(['ioreg'], '', { provider: 'IORegistry', program: 'sh', args: ['-c', ioregScript], read: (line) => readIoreg(line, uid) });
    case 'win32':
      return chosen(['powershell.exe'], '', { provider: 'LogonUI', program: 'powershell.exe', args: ['-NoProfile', '-NonInteractive', '-Command', logonUiScript], read: readLogonUi });
    default:
      return { kind: 'none', why: `nothing is known to ask on ${platform}` };
  }
}

/**
 * The session of this process, or the user's graphical one when it has none of its own (terminals that the user's service manager starts). Object paths begin a
 * number with its first digit as hex code. The monitor would outlive a client that is killed: it ends with its parent where setpriv is there to ask for that.
 */
const logindScript = `
id=\${XDG_SESSION_ID:-$(loginctl show-user "$(id -u)" --property=Display --value)}
case $id in
  '' | *[!a-zA-Z0-9]*) echo 'logind knows no session of this user with a screen' >&2; exit 1 ;;
  [0-9]*) at=_3$id ;;
  *) at=$id ;;
esac
loginctl show-session "$id" --property=LockedHint || exit 1
if command -v setpriv >/dev/null; then with='setpriv --pdeathsig TERM'; fi
exec $with gdbus monitor --system --dest org.freedesktop.login1 --object-path "/org/freedesktop/login1/session/$at"
`;

/** Lock and Unlock are wishes that whoever locks may follow; LockedHint is what it says that it did. */
export function readLogind(line: string): boolean | null {
  const [, said] = /^LockedHint=(yes|no)$/.exec(line) ?? [];
  if (said !== undefined) return said === 'yes';
  const [, hint] = /PropertiesChanged \('org\.freedesktop\.login1\.Session', \{.*'LockedHint': <(true|false)>/.exec(line) ?? [];
  return hint === undefined ? null : hint === 'true';
}

/** Ends at the first line that nobody reads, or when the root of the registry has no users. */
const ioregScript = `while ioreg -n Root -d 1 -w 0 | grep IOConsoleUsers; do sleep ${askEverySeconds}; done`;

/** One line for all sessions of the console, each in braces; the key is there only while the screen is locked. */
export function readIoreg(line: string, uid: number | null): boolean | null {
  if (!line.includes('"IOConsoleUsers"')) return null;
  const own = line.split('},{').find((session) => new RegExp(`"kCGSSessionUserIDKey"\\s*=\\s*${uid}\\b`).test(session));
  return own === undefined ? null : /"CGSSessionScreenIsLocked"\s*=\s*Yes/.test(own);
}

/** The program that draws the lock screen runs, in this session, only while there is one. Writing fails when nobody reads, and ends it. */
const logonUiScript = `$ErrorActionPreference = 'Stop'; $own = (Get-Process -Id $PID).SessionId; while ($true) { $shown = Get-Process -Name LogonUI -ErrorAction SilentlyContinue | Where-Object { $_.SessionId -eq $own }; [Console]::Out.WriteLine($(if ($shown) { 'locked' } else { 'unlocked' })); Start-Sleep -Seconds ${askEverySeconds} }`;

export function readLogonUi(line: string): boolean | null {
  return line === 'locked' ? true : line === 'unlocked' ? false : null;
}
