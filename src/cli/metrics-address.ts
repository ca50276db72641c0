// Metrics address: where `--metrics` serves, from the command line's text. Only this machine: figures of a session are nobody else's business, and there is
// no password.

import type { MetricsAddress } from '../actors/metrics-mail.ts';

const loopback: Readonly<Record<string, '127.0.0.1' | '::1'>> = { '127.0.0.1': '127.0.0.1', localhost: '127.0.0.1', '[::1]': '::1' };

/** `unix:PATH`, `127.0.0.1:PORT`, `localhost:PORT` or `[::1]:PORT`; otherwise what is wrong, as a sentence. */
export function parseMetricsAddress(text: string): MetricsAddress | string {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path === '' ? 'After unix: comes the path of a socket.' : { kind: 'unix', path };
  }
  const [, given = '', portText = ''] = /^(.*):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(portText);
  if (given === '' || port < 1 || port > 65_535) return 'It must be unix:PATH, or 127.0.0.1:PORT with a port from 1 to 65535.';
  const host = loopback[given.toLowerCase()];
  if (host === undefined) return `Metrics are served to this machine only, on 127.0.0.1 or [::1], not on ${given}; let a proxy of your own pass them on.`;
  return { kind: 'tcp', host, port };
}
