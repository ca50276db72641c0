// Files as their producers write them: after the template of each, with names and certificates of our own. Proxmox VE: what its `spiceproxy` call answers, as
// its web page saves it. oVirt: what its engine writes. Kerbside: its template, with the extension that it could add. libvirt: what Cockpit writes for a
// machine of libvirt's. TrueNAS writes no file: the fields of its display device, as its users write them down.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { connectionTarget } from '#app/cli/connection-target.js';
import { parseVvFile } from '#app/cli/vv-file.js';
import { pki } from '../../support/pki.ts';

const NOW_MS = 1_800_000_000_000;
const read = (producer: string) => {
  const text = readFileSync(new URL(`../../support/connection-files/${producer}.vv`, import.meta.url), 'utf8').replaceAll('@CA@', pki.ca.replaceAll('\n', '\\n'));
  return parseVvFile(new TextEncoder().encode(text), NOW_MS);
};
const ignoredIn = (producer: string): readonly string[] => read(producer).keys.filter(({ use }) => use === 'ignored').map(({ group, key }) => (group === 'virt-viewer' ? key : `${group}/${key}`));

describe('a file as it comes from', () => {
  test('Proxmox VE: through its proxy, single-use, and the host, which is a ticket, nowhere but in the target', () => {
    const file = read('proxmox');
    expect(file).toMatchObject({
      kind: 'usable',
      target: connectionTarget({
        host: 'pvespiceproxy:6aaf3e30:100:pve1:61000::0ce019e3c7b5d2a1', tlsPort: 61_000, password: '31a189dd71ce859867e28dd68ba166a701e77eed', caPem: pki.ca,
        hostSubject: 'OU=PVE Cluster Node,O=Proxmox Virtual Environment,CN=pve1.example', title: 'VM 100 - desktop', singleUse: true,
        proxy: { kind: 'http', host: 'pve1.example', port: 3128, username: null, password: null },
      }),
      warnings: [],
    });
    expect(file.kind === 'usable' && file.target.label).toBe('VM 100 - desktop (behind the HTTP proxy pve1.example:3128)');
    expect(ignoredIn('proxmox')).toEqual(['secure-attention', 'toggle-fullscreen', 'release-cursor']);
  });

  test('oVirt: TLS alone, every channel named, no smartcards, and the group for its REST API passed over', () => {
    expect(read('ovirt')).toMatchObject({
      kind: 'usable',
      target: connectionTarget({
        host: '192.0.2.101', tlsPort: 5900, password: 'Zm9v+bar/9', caPem: pki.ca, hostSubject: 'O=example.com,CN=node1.example.com', title: 'desktop', singleUse: true,
        secureChannels: ['main', 'inputs', 'cursor', 'playback', 'record', 'display', 'smartcard', 'usbredir'], disableChannels: ['smartcard'],
      }),
      warnings: [],
    });
    expect(ignoredIn('ovirt')).toEqual([
      'fullscreen', 'toggle-fullscreen', 'release-cursor', 'secure-attention', 'enable-usb-autoshare', 'usb-filter', 'tls-ciphers',
      'ovirt/host', 'ovirt/vm-guid', 'ovirt/sso-token', 'ovirt/admin', 'ovirt/ca',
    ]);
  });

  test('Kerbside: both ports, single-use, and the end of its ticket', () => {
    expect(read('kerbside')).toMatchObject({
      kind: 'usable',
      target: connectionTarget({
        host: 'kerbside.example', port: 5898, tlsPort: 5899, password: 'vX3kQ9dLr0aZ', caPem: pki.ca, hostSubject: 'CN=kerbside.example', title: 'build-42', singleUse: true,
        ticketValidUntilMs: 1_900_000_000_000,
      }),
      warnings: [],
    });
  });

  test('libvirt, by Cockpit: an address and nothing else', () => {
    expect(read('libvirt')).toMatchObject({ kind: 'usable', target: connectionTarget({ host: '127.0.0.1', port: 5901, singleUse: true }), warnings: [] });
    expect(ignoredIn('libvirt')).toEqual(['fullscreen']);
  });

  test('TrueNAS: a password that an INI reader would cut short', () => {
    expect(read('truenas')).toMatchObject({ kind: 'usable', target: connectionTarget({ host: 'nas.example', port: 5900, password: 's3;cret #1', title: 'windows11' }), warnings: [] });
  });
});
