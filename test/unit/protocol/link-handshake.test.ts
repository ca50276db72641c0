import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { beginServerLink, stepServerLink } from '#app/protocol/link-acceptance.js';
import type { ServerLinkEffect, ServerLinkInput, ServerLinkState } from '#app/protocol/link-acceptance.js';
import { beginClientLink, stepClientLink } from '#app/protocol/link-handshake.js';
import type { ClientLinkEffect, ClientLinkInput, ClientLinkOptions } from '#app/protocol/link-handshake.js';
import { linkErrorName } from '#app/protocol/link-error.js';
import { hex } from '../../golden/hand-laid.mjs';

interface RecordedLink {
  readonly channel: string;
  readonly linkMessage: string;
  readonly linkReply: string;
  readonly linkResult: string;
}

const SERVERS = ['qemu', 'xspice', 'draw-server'] as const;
const recorded = SERVERS.flatMap((server) => {
  // The files are made by capture-goldens.mjs, in this shape.
  const { links } = JSON.parse(readFileSync(new URL(`../../golden/messages/${server}.json`, import.meta.url), 'utf8')) as { links: RecordedLink[] };
  return links.map((link) => ({ server, ...link }));
});

const MINI = 0b1011;
const options: ClientLinkOptions = { connectionId: 7, channelType: 2, channelId: 1, commonCaps: [MINI], channelCaps: [5], password: 'secret' };
const KEY = '30'.repeat(162);
const TICKET = new Uint8Array(128).fill(0xee);

/** A link reply laid by hand: header, error, key, one common word, one channel word. */
function reply(error: string, common: string): Uint8Array {
  return hex('52 45 44 51', '02 00 00 00', '02 00 00 00', 'ba 00 00 00', error, KEY, '01 00 00 00', '01 00 00 00', 'b2 00 00 00', common, '05 00 00 00');
}

function runClient(inputs: readonly ClientLinkInput[], from: ClientLinkOptions = options): ClientLinkEffect[] {
  let { state, effects } = beginClientLink(from);
  const all = [...effects];
  for (const input of inputs) {
    ({ state, effects } = stepClientLink(state, input));
    all.push(...effects);
  }
  return all;
}

const bytes = (value: Uint8Array): ClientLinkInput & ServerLinkInput => ({ kind: 'bytes', bytes: value });
const ticketEncrypted: ClientLinkInput = { kind: 'ticketEncrypted', encrypted: TICKET };
const OK = hex('00 00 00 00');

describe('the client', () => {
  it('sends the link message first: REDQ, 2.2, size, id, type, number, words, offset 18', () => {
    expect(runClient([])).toEqual([
      {
        kind: 'send',
        bytes: hex('52 45 44 51', '02 00 00 00', '02 00 00 00', '1a 00 00 00', '07 00 00 00', '02', '01', '01 00 00 00', '01 00 00 00', '12 00 00 00', '0b 00 00 00', '05 00 00 00'),
      },
    ]);
  });

  it('asks for the ticket, sends selector and ticket, and is linked; what follows the result is not lost', () => {
    const effects = runClient([bytes(reply('00 00 00 00', '0b 00 00 00')), ticketEncrypted, bytes(hex('00 00 00 00', 'aa bb'))]);
    expect(effects.slice(1)).toEqual([
      { kind: 'encryptTicket', publicKeyDer: hex(KEY), password: 'secret' },
      { kind: 'send', bytes: Uint8Array.from([1, 0, 0, 0, ...TICKET]) },
      { kind: 'linked', commonCaps: [0xb], channelCaps: [5], miniHeader: true, rest: hex('aa bb') },
    ]);
  });

  it('sends no selector and counts on full headers when the server lacks those capabilities', () => {
    const effects = runClient([bytes(reply('00 00 00 00', '00 00 00 00')), ticketEncrypted, bytes(OK)]);
    expect(effects.slice(2)).toEqual([
      { kind: 'send', bytes: TICKET },
      { kind: 'linked', commonCaps: [0], channelCaps: [5], miniHeader: false, rest: hex() },
    ]);
  });

  it('any chunking of what the server sends gives the same effects', () => {
    const stream = reply('00 00 00 00', '0b 00 00 00');
    const whole = runClient([bytes(stream), ticketEncrypted, bytes(OK)]);
    fc.assert(
      fc.property(fc.array(fc.nat(stream.byteLength), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts, stream.byteLength].toSorted((a, b) => a - b);
        const chunks = places.slice(1).map((end, index) => bytes(stream.slice(places[index], end)));
        expect(runClient([...chunks, ticketEncrypted, ...Array.from(OK, (byte) => bytes(Uint8Array.of(byte)))])).toEqual(whole);
      }),
    );
  });

  it.each([
    [5, 'needSecured'],
    [3, 'invalidData'],
    [4, 'versionMismatch'],
    [77, null],
  ])('code %i in the reply is a refusal with its name', (code, name) => {
    const [, failed] = runClient([bytes(reply(`${code.toString(16).padStart(2, '0')} 00 00 00`, '0b 00 00 00'))]);
    expect(failed).toEqual({ kind: 'failed', error: { kind: 'refused', code, name, phase: 'reply' } });
  });

  it('code 7 in the result is a refused ticket', () => {
    const effects = runClient([bytes(reply('00 00 00 00', '0b 00 00 00')), ticketEncrypted, bytes(hex('07 00 00 00'))]);
    expect(effects.at(-1)).toEqual({ kind: 'failed', error: { kind: 'refused', code: 7, name: 'permissionDenied', phase: 'result' } });
  });

  it('another protocol on that port is known by its first bytes, as soon as one differs', () => {
    const greeting = hex('52 46 42 20 30 30'); // RFB 00
    expect(runClient([bytes(greeting)])[1]).toEqual({ kind: 'failed', error: { kind: 'notSpice', firstBytes: greeting } });
  });

  it('another major version is a version error', () => {
    const old = hex('52 45 44 51', '01 00 00 00', '03 00 00 00', 'ba 00 00 00');
    expect(runClient([bytes(old)])[1]).toEqual({ kind: 'failed', error: { kind: 'version', major: 1, minor: 3 } });
  });

  it('a server that takes only SASL is named', () => {
    expect(runClient([bytes(reply('00 00 00 00', '0d 00 00 00'))])[1]).toEqual({ kind: 'failed', error: { kind: 'saslOnly' } });
  });

  it('a server that closes says where it was', () => {
    expect(runClient([{ kind: 'closed' }])[1]).toEqual({ kind: 'failed', error: { kind: 'closedEarly', phase: 'link' } });
    expect(runClient([bytes(reply('00 00 00 00', '0b 00 00 00')), ticketEncrypted, { kind: 'closed' }]).at(-1)).toEqual({
      kind: 'failed',
      error: { kind: 'closedEarly', phase: 'result' },
    });
  });

  it.each([
    ['a reply of 4 GiB', hex('52 45 44 51', '02 00 00 00', '02 00 00 00', 'ff ff ff ff'), 'oversize'],
    ['a reply that is too small', hex('52 45 44 51', '02 00 00 00', '02 00 00 00', '10 00 00 00'), 'truncated'],
    ['words outside the reply', hex('52 45 44 51', '02 00 00 00', '02 00 00 00', 'b2 00 00 00', '00 00 00 00', KEY, '01 00 00 00', '00 00 00 00', 'b2 00 00 00'), 'truncated'],
    ['a million words', hex('52 45 44 51', '02 00 00 00', '02 00 00 00', 'b2 00 00 00', '00 00 00 00', KEY, '00 00 10 00', '00 00 00 00', 'b2 00 00 00'), 'countLimit'],
  ])('%s is malformed', (_what, sent, code) => {
    expect(runClient([bytes(sent)])[1]).toMatchObject({ kind: 'failed', error: { kind: 'malformed', error: { code } } });
  });

  it.each(recorded)('links $channel with what $server really sent', ({ linkReply, linkResult }) => {
    const effects = runClient([bytes(hex(linkReply)), ticketEncrypted, bytes(hex(linkResult))]);
    expect(effects.map((effect) => effect.kind)).toEqual(['send', 'encryptTicket', 'send', 'linked']);
    expect(effects.at(-1)).toMatchObject({ miniHeader: true, rest: hex() });
  });
});

function runServer(inputs: readonly ServerLinkInput[]): ServerLinkEffect[] {
  let state: ServerLinkState = beginServerLink();
  const all: ServerLinkEffect[] = [];
  for (const input of inputs) {
    const step = stepServerLink(state, input);
    state = step.state;
    all.push(...step.effects);
  }
  return all;
}

const answered: ServerLinkInput = { kind: 'answered', error: 0, publicKeyDer: hex(KEY), commonCaps: [MINI], channelCaps: [5] };
const linkMessage = hex('52 45 44 51', '02 00 00 00', '02 00 00 00', '1a 00 00 00', '07 00 00 00', '02', '01', '01 00 00 00', '01 00 00 00', '12 00 00 00', '0b 00 00 00', '05 00 00 00');
const request = { connectionId: 7, channelType: 2, channelId: 1, commonCaps: [MINI], channelCaps: [5] };
const ticket = Uint8Array.from([1, 0, 0, 0, ...TICKET]);

describe('the server', () => {
  it('asks about the request, then about the ticket, then is linked; what follows the ticket is not lost', () => {
    const effects = runServer([bytes(linkMessage), answered, bytes(Uint8Array.from([...ticket, 0xaa])), { kind: 'ticketChecked', code: 0 }]);
    expect(effects).toEqual([
      { kind: 'requested', request },
      { kind: 'send', bytes: reply('00 00 00 00', '0b 00 00 00') },
      { kind: 'checkTicket', encrypted: TICKET },
      { kind: 'send', bytes: OK },
      { kind: 'linked', request, miniHeader: true, rest: hex('aa') },
    ]);
  });

  it('takes a ticket that was sent ahead of the reply, and any chunking', () => {
    const stream = Uint8Array.from([...linkMessage, ...ticket]);
    const effects = runServer([...Array.from(stream, (byte) => bytes(Uint8Array.of(byte))), answered, { kind: 'ticketChecked', code: 0 }]);
    expect(effects.map((effect) => effect.kind)).toEqual(['requested', 'send', 'checkTicket', 'send', 'linked']);
  });

  it('sends a wrong ticket its result and ends', () => {
    const effects = runServer([bytes(linkMessage), answered, bytes(ticket), { kind: 'ticketChecked', code: 7 }]);
    expect(effects.slice(-2)).toEqual([
      { kind: 'send', bytes: hex('07 00 00 00') },
      { kind: 'failed', error: { kind: 'refused', code: 7, name: 'permissionDenied', phase: 'result' } },
    ]);
  });

  it.each([
    ['another protocol', hex('47 45 54 20 2f'), 2],
    ['another major version', hex('52 45 44 51', '01 00 00 00', '00 00 00 00', '12 00 00 00'), 4],
    ['a link message that is too small', hex('52 45 44 51', '02 00 00 00', '02 00 00 00', '11 00 00 00'), 3],
    ['a link message that is too large', hex('52 45 44 51', '02 00 00 00', '02 00 00 00', '01 10 00 00'), 3],
    ['words outside the message', hex('52 45 44 51', '02 00 00 00', '02 00 00 00', '12 00 00 00', '07 00 00 00', '02', '01', '01 00 00 00', '00 00 00 00', '12 00 00 00'), 3],
  ])('refuses %s with a reply that has only the code', (_what, sent, code) => {
    const effects = runServer([bytes(sent)]);
    expect(effects.map((effect) => effect.kind)).toEqual(['send', 'failed']);
    const [send] = effects;
    const sentBytes = send?.kind === 'send' ? send.bytes : hex();
    expect([sentBytes.byteLength, sentBytes[12], sentBytes[16]]).toEqual([194, 178, code]);
  });

  it('refuses a mechanism other than the ticket', () => {
    const effects = runServer([bytes(linkMessage), answered, bytes(hex('02 00 00 00'))]);
    expect(effects.at(-1)).toMatchObject({ kind: 'failed', error: { kind: 'malformed', error: { code: 'unknownCase', value: 2 } } });
  });

  it('the shell\'s refusal of a request goes out as the reply\'s code', () => {
    const effects = runServer([bytes(linkMessage), { ...answered, error: 5 }]);
    expect(effects.at(-1)).toEqual({ kind: 'failed', error: { kind: 'refused', code: 5, name: 'needSecured', phase: 'reply' } });
  });

  it.each(recorded)('understands what the client really sent to link $channel at $server', ({ channel, linkMessage: sent }) => {
    const [effect] = runServer([bytes(hex(sent))]);
    expect(effect).toMatchObject({ kind: 'requested', request: { channelId: 0, commonCaps: expect.any(Array) } });
    expect(channel).not.toBe('');
  });
});

it('client and server of this project link with each other', () => {
  const client = beginClientLink(options);
  const [hello] = client.effects;
  const server = stepServerLink(beginServerLink(), bytes(hello?.kind === 'send' ? hello.bytes : hex()));
  expect(server.effects).toEqual([{ kind: 'requested', request: { connectionId: 7, channelType: 2, channelId: 1, commonCaps: [MINI], channelCaps: [5] } }]);
});

it('junk gives effects and never a throw, on both sides', () => {
  const byte = fc.oneof(fc.constantFrom(0x52, 0x45, 0x44, 0x51, 0, 2), fc.nat(255));
  const prefix = fc.constantFrom(hex(), hex('52 45 44 51', '02 00 00 00', '02 00 00 00'), reply('00 00 00 00', '0b 00 00 00').slice(0, 40), linkMessage.slice(0, 30));
  fc.assert(
    fc.property(prefix, fc.array(byte, { maxLength: 220 }), (start, junk) => {
      const stream = Uint8Array.from([...start, ...junk]);
      expect(runClient([bytes(stream), ticketEncrypted, bytes(stream)]).length).toBeGreaterThan(0);
      expect(runServer([bytes(stream), answered, bytes(stream), { kind: 'ticketChecked', code: 0 }])).toBeDefined();
    }),
  );
});

it('every code of the protocol has a name', () => {
  expect(Array.from({ length: 11 }, (_, code) => linkErrorName(code))).toEqual([
    'ok', 'error', 'invalidMagic', 'invalidData', 'versionMismatch', 'needSecured', 'needUnsecured', 'permissionDenied', 'badConnectionId', 'channelNotAvailable', null,
  ]);
});
