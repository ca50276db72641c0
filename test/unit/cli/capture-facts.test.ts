import { describe, expect, test } from 'vitest';
import { captureFacts, captureFault, wordWriterEvent } from '#app/cli/capture-facts.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { CaptureFacts, CaptureFileReport, CaptureReport } from '#app/capture/capture-metadata.js';
import type { ConnectionTarget } from '#app/cli/connection-target.js';

const TARGET: ConnectionTarget = {
  host: 'vm.example', port: 5900, tlsPort: 5901, unixPath: null, password: 'secret', caPem: null, hostSubject: null, secureChannels: [], disableChannels: [],
  title: null, label: 'vm.example:5900', singleUse: false, ticketValidUntilMs: null, proxy: null,
};
const VERSION = { version: '1.2.3', commit: 'abc', dirty: true };

const factsOf = (target: Partial<ConnectionTarget>, version: Partial<typeof VERSION | { commit: null }> = {}, startWallMs = 0): CaptureFacts =>
  captureFacts({ target: { ...TARGET, ...target }, version: { ...VERSION, ...version }, host: createVirtualHost({ seed: 1, startWallMs }), format: 'pcapng', inputLog: 'redacted', trafficCapMib: 50, sessionStartedWallMs: startWallMs });

describe('what a capture says of its session', () => {
  test('target, program and start, and never the password', () => {
    const facts = factsOf({}, {}, 1_000);
    expect(facts).toMatchObject({ version: '1.2.3', gitSha: 'abc-dirty', targetHost: 'vm.example', targetPort: 5900, targetTlsPort: 5901, startedWallMs: 1_000, captureId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(JSON.stringify(facts)).not.toContain('secret');
  });

  test('a unix socket is its host; a clean commit is only its number', () => {
    expect(factsOf({ host: null, unixPath: '/run/vm' }, { dirty: false })).toMatchObject({ targetHost: '/run/vm', gitSha: 'abc' });
    // A token for the proxy is as good as a key, and captures are passed on.
    expect(factsOf({ host: 'pvespiceproxy:65A1:104:node1::c0ffee' }).targetHost).toBeNull();
    expect(factsOf({ host: '2001:db8::1' }).targetHost).toBe('2001:db8::1');
    expect(factsOf({}, { commit: null }).gitSha).toBeNull();
  });
});

describe('the end of a capture', () => {
  const file: CaptureFileReport = { channel: 'main/0', name: 'main-0.pcap', bytes: 10, messages: 5, dropped: 0, droppedBytes: 0, unrecorded: 0, unwritten: 0, streams: [], gaps: [] };
  const report = (changes: Partial<CaptureReport> = {}, fileChanges: Partial<CaptureFileReport> = {}): CaptureReport => ({
    directory: '/c', writerGeneration: 1, messages: 5, bytes: 10, dropped: 0, errors: [], files: [{ ...file, ...fileChanges }], ...changes,
  });

  test('with every message in its file is no problem', () => {
    expect(captureFault('/c', report())).toBeNull();
  });

  test('is no problem either after a disk that refused for a while and then took everything', () => {
    expect(captureFault('/c', report({ errors: [{ file: 'main-0.pcap', code: 'ENOSPC', message: 'no space', count: 2, recovered: true }] }))).toBeNull();
  });

  test.each<[string, CaptureReport | null, RegExp]>([
    ['a writer that did not finish', null, /did not finish/],
    ['a file that could not be written', report({ errors: [{ file: 'main-0.pcap', code: 'ENOSPC', message: 'no space', count: 2, recovered: false }] }), /main-0\.pcap could not be written \(no space\)/],
    ['messages that the disk was too slow for', report({ dropped: 3 }), /3 of 8 messages are missing/],
    ['messages that were there at the end', report({}, { unwritten: 1 }), /1 of 6 messages/],
    ['messages that there was no memory for', report({}, { unrecorded: 2 }), /2 of 7 messages/],
  ])('%s is one, and says where', (_name, ended, words) => {
    expect(captureFault('/c', ended)).toMatchObject({ code: 'capture.incomplete', exit: 'captureFailed', message: expect.stringMatching(words) });
    expect(captureFault('/c', ended)?.message).toContain('The capture in /c is incomplete');
  });
});

test('what the writer reports while it writes is worded', () => {
  expect(wordWriterEvent({ kind: 'captureWriteFailed', file: 'f', code: 'ENOSPC', message: 'no space' })).toBe('f cannot be written: no space; it is tried again every second');
  expect(wordWriterEvent({ kind: 'captureWriteRecovered', file: 'f', dropped: 2 })).toBe('f can be written again; 2 messages are missing from it');
  expect(wordWriterEvent({ kind: 'captureFellBehind', channel: 'display/0', dropped: 2 })).toBe('the disk is too slow for display/0: 2 messages are missing from its file');
});
