/**
 * The keys of a connection file, all of them in one table: what form the value has, whether it does something here, and what or why not. The parser, `vv
 * check`, docs/console-vv-extensions.md and the tests are made from it or compared with it. Data only.
 */
import type { VvForm } from './vv-forms.ts';
import { KNOWN_VIEWER_VERSION } from './vv-versions.ts';

export interface VvKey {
  readonly name: string;
  readonly form: VvForm;
  readonly use: 'honoured' | 'ignored';
  /** What it does here, or why it does nothing. */
  readonly here: string;
  /** The value is never shown. */
  readonly secret?: true;
  /** Not virt-viewer's: other viewers pass it over. */
  readonly extension?: true;
}

const HOTKEY = 'a hotkey of a viewer window; a terminal has no window, and its own keys are fixed';
const NO_USB = 'no USB device of this machine is handed to the guest';

/** Of the group `[virt-viewer]`, in the order of virt-viewer's own list. */
export const VV_KEYS = [
  { name: 'version', form: 'version', use: 'honoured', here: `a viewer newer than virt-viewer ${KNOWN_VIEWER_VERSION} is asked for: said, and connected all the same` },
  { name: 'versions', form: 'versions', use: 'honoured', here: 'as version, for each system; said when all of them are newer' },
  { name: 'newer-version-url', form: 'url', use: 'honoured', here: 'shown beside that' },
  { name: 'type', form: 'type', use: 'honoured', here: 'must be spice; without it the file is no connection file' },
  { name: 'unix-path', form: 'path', use: 'honoured', here: 'the socket to connect to; excludes host, port, tls-port and proxy' },
  { name: 'host', form: 'host', use: 'honoured', here: 'the server; behind a proxy any name that the proxy understands, and then never shown' },
  { name: 'port', form: 'port', use: 'honoured', here: 'the plain port; 0 and -1 are none' },
  { name: 'tls-port', form: 'port', use: 'honoured', here: 'the TLS port; 0 and -1 are none; one of the two ports is needed' },
  { name: 'username', form: 'text', use: 'ignored', here: 'names belong to SASL, which is not supported; SPICE tickets have none' },
  { name: 'password', form: 'ticket', use: 'honoured', here: 'the ticket, at most 60 bytes', secret: true },
  { name: 'disable-channels', form: 'channels', use: 'honoured', here: 'channels that are not opened' },
  { name: 'tls-ciphers', form: 'text', use: 'ignored', here: 'TLS 1.2 or newer with the ciphers of Node.js; a file cannot weaken them' },
  { name: 'ca', form: 'ca', use: 'honoured', here: 'PEM text, `\\n` for its line ends: only this CA is trusted' },
  { name: 'host-subject', form: 'subject', use: 'honoured', here: 'the exact subject of the certificate, in place of the host name' },
  { name: 'fullscreen', form: 'switch', use: 'ignored', here: 'a terminal has no window to enlarge' },
  { name: 'title', form: 'title', use: 'honoured', here: 'stands before the address wherever the server is named; a display number (`%d`) is left out' },
  { name: 'toggle-fullscreen', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'release-cursor', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'zoom-in', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'zoom-out', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'zoom-reset', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'smartcard-insert', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'smartcard-remove', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'usb-device-reset', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'secure-attention', form: 'hotkey', use: 'ignored', here: HOTKEY },
  { name: 'enable-smartcard', form: 'switch', use: 'honoured', here: '0: the smartcard channel is not opened; 1 is no more than leaving it out, since no card is emulated' },
  { name: 'enable-usbredir', form: 'switch', use: 'honoured', here: '0: USB channels are not opened; 1 is no more than leaving it out' },
  { name: 'color-depth', form: 'number', use: 'ignored', here: "asked the guest's agent for fewer colours on slow lines; image compression does that now" },
  { name: 'disable-effects', form: 'list', use: 'ignored', here: "asks the guest's agent for a plainer desktop, which this client never does" },
  { name: 'enable-usb-autoshare', form: 'switch', use: 'ignored', here: NO_USB },
  { name: 'usb-filter', form: 'text', use: 'ignored', here: NO_USB },
  { name: 'secure-channels', form: 'secureChannels', use: 'honoured', here: 'channels that use TLS at once, `all` for every one; without a tls-port it is an error' },
  { name: 'delete-this-file', form: 'switch', use: 'honoured', here: '1: the file is deleted once it was understood (unless --keep-file), and its ticket works once: no reconnect' },
  { name: 'proxy', form: 'proxy', use: 'honoured', here: 'http://, https:// or socks5://, with or without user:password@: every channel goes through it', secret: true },
  { name: 'ticket-valid-until', form: 'moment', use: 'honoured', here: 'unix seconds: no reconnect after it; past or malformed, it is passed over', extension: true },
] as const satisfies readonly VvKey[];

const OVIRT = "for oVirt's REST API, from which a viewer's menu changes the CD in the guest; there is no such menu here";

/** Of the group `[ovirt]`. */
export const OVIRT_KEYS = [
  { name: 'host', form: 'text', use: 'ignored', here: OVIRT },
  { name: 'vm-guid', form: 'text', use: 'ignored', here: OVIRT },
  { name: 'jsessionid', form: 'text', use: 'ignored', here: OVIRT, secret: true },
  { name: 'sso-token', form: 'text', use: 'ignored', here: OVIRT, secret: true },
  { name: 'ca', form: 'text', use: 'ignored', here: OVIRT, secret: true },
  { name: 'admin', form: 'switch', use: 'ignored', here: OVIRT },
] as const satisfies readonly VvKey[];

/** The group that makes a key file a connection file. */
export const VV_GROUP = 'virt-viewer';

/** The known groups and their keys. */
export const VV_GROUPS: ReadonlyMap<string, readonly VvKey[]> = new Map<string, readonly VvKey[]>([
  [VV_GROUP, VV_KEYS],
  ['ovirt', OVIRT_KEYS],
]);
