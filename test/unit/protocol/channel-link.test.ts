import { describe, expect, test } from 'vitest';
import { initialLink, stepLink, type ChannelLinkState, type LinkEffect, type LinkInput, type LinkOptions } from '#app/protocol/channel-link.js';
import { LinkErrorCode } from '#app/protocol/link-error.js';
import type { ConnectionLoss } from '#app/protocol/events.js';
import { linkReply, linkResult } from '../../support/link-bytes.ts';

const OPTIONS: LinkOptions = {
  handshake: { connectionId: 0, channelType: 1, channelId: 0, commonCaps: [0b1011], channelCaps: [], password: 'secret' },
  hasPlain: true,
  hasSecure: true,
  preferSecure: false,
  deadlines: { dialMs: 1, linkMs: 2, authenticateMs: 3 },
};
const TICKET = new Uint8Array(128).fill(0xee);
const RST: ConnectionLoss = { kind: 'rst', message: 'reset', code: 'ECONNRESET' };

const start: LinkInput = { kind: 'start' };
const connected: LinkInput = { kind: 'connected' };
const bytes = (value: Uint8Array): LinkInput => ({ kind: 'bytes', bytes: value });
const ticketEncrypted: LinkInput = { kind: 'ticketEncrypted', encrypted: TICKET };
const closed: LinkInput = { kind: 'closed', cause: RST };
const deadline: LinkInput = { kind: 'deadline' };
const ok = [start, connected, bytes(linkReply({ channel: 0b100 })), ticketEncrypted, bytes(linkResult())];

function run(inputs: readonly LinkInput[], options: Partial<LinkOptions> = {}): { readonly state: ChannelLinkState; readonly effects: LinkEffect[] } {
  let state = initialLink({ ...OPTIONS, ...options });
  const effects: LinkEffect[] = [];
  for (const input of inputs) {
    const step = stepLink(state, input);
    ({ state } = step);
    effects.push(...step.effects);
  }
  return { state, effects };
}

const dials = (effects: readonly LinkEffect[]): boolean[] => effects.flatMap((effect) => (effect.kind === 'dial' ? [effect.secure] : []));
const failure = (effects: readonly LinkEffect[]) => effects.find((effect) => effect.kind === 'failed')?.failure;

describe('a link that comes about', () => {
  test('goes through its phases, with a deadline for each, and writes link message and ticket', () => {
    const { state, effects } = run(ok);
    expect(effects).toEqual([
      { kind: 'phase', phase: 'dialing', secure: false },
      { kind: 'setDeadline', ms: 1 },
      { kind: 'dial', secure: false },
      { kind: 'phase', phase: 'linking', secure: false },
      { kind: 'setDeadline', ms: 2 },
      { kind: 'write', bytes: expect.objectContaining({ length: 16 + 18 + 4 }) },
      { kind: 'encryptTicket', publicKeyDer: expect.objectContaining({ length: 162 }), password: 'secret' },
      { kind: 'phase', phase: 'authenticating', secure: false },
      { kind: 'setDeadline', ms: 3 },
      { kind: 'write', bytes: Uint8Array.from([1, 0, 0, 0, ...TICKET]) },
      { kind: 'phase', phase: 'linked', secure: false },
      { kind: 'linked', channelCapabilities: [0b100], miniHeader: true, rest: new Uint8Array(0) },
    ]);
    expect(state.phase).toBe('linked');
  });

  test('mini headers are used only when the server has them too', () => {
    const { effects } = run([start, connected, bytes(linkReply({ common: 0b0011 })), ticketEncrypted, bytes(linkResult())]);
    expect(effects.at(-1)).toMatchObject({ kind: 'linked', miniHeader: false });
  });

  test('bytes behind the link result are the message stream', () => {
    const { effects } = run([...ok.slice(0, 4), bytes(Uint8Array.from([0, 0, 0, 0, 7, 8, 9]))]);
    expect(effects.at(-1)).toMatchObject({ kind: 'linked', rest: Uint8Array.from([7, 8, 9]) });
  });
});

describe('plain or TLS', () => {
  test.each([
    ['plain where there is a choice', {}, [false]],
    ['TLS where it is preferred', { preferSecure: true }, [true]],
    ['TLS where nothing else is known', { hasPlain: false }, [true]],
    ['plain where no TLS port is known, preferred or not', { hasSecure: false, preferSecure: true }, [false]],
  ] as const)('%s', (_name, options, expected) => {
    expect(dials(run([start], options).effects)).toEqual(expected);
  });

  test('nothing to dial at all is a failure of its own', () => {
    expect(failure(run([start], { hasPlain: false, hasSecure: false }).effects)).toEqual({ kind: 'noEndpoint', wanted: 'plain' });
  });

  const refusal = (error: number): LinkInput[] => [connected, bytes(linkReply({ error }))];

  test('NEED_SECURED: dialled again with TLS, from the link message on', () => {
    const { state, effects } = run([start, ...refusal(LinkErrorCode.needSecured), connected]);
    expect(dials(effects)).toEqual([false, true]);
    expect(effects.filter(({ kind }) => kind === 'write')).toHaveLength(2);
    expect(state).toMatchObject({ phase: 'linking', secure: true });
  });

  test('NEED_UNSECURED: dialled again without', () => {
    expect(dials(run([start, ...refusal(LinkErrorCode.needUnsecured)], { preferSecure: true }).effects)).toEqual([true, false]);
  });

  test('the change happens once: a server that then wants the other is not followed in circles', () => {
    const { effects } = run([start, ...refusal(LinkErrorCode.needSecured), ...refusal(LinkErrorCode.needUnsecured)]);
    expect(dials(effects)).toEqual([false, true]);
    expect(failure(effects)).toMatchObject({ kind: 'handshake', secure: true, error: { kind: 'refused', code: LinkErrorCode.needUnsecured } });
  });

  test('asked for what is on already, it fails instead of dialling the same again', () => {
    const { effects } = run([start, ...refusal(LinkErrorCode.needSecured)], { preferSecure: true });
    expect(dials(effects)).toEqual([true]);
    expect(failure(effects)).toMatchObject({ kind: 'handshake', error: { code: LinkErrorCode.needSecured } });
  });

  test('asked for what is not known, it says which port is missing', () => {
    expect(failure(run([start, ...refusal(LinkErrorCode.needSecured)], { hasSecure: false }).effects)).toEqual({ kind: 'noEndpoint', wanted: 'secure' });
    expect(failure(run([start, ...refusal(LinkErrorCode.needUnsecured)], { hasPlain: false }).effects)).toEqual({ kind: 'noEndpoint', wanted: 'plain' });
  });
});

describe('a link that does not come about', () => {
  test.each([
    ['dialing', [start], 1],
    ['linking', [start, connected], 2],
    ['authenticating', [start, connected, bytes(linkReply()), ticketEncrypted], 3],
  ] as const)('says in which phase it waited in vain or was closed: %s', (phase, inputs, waitedMs) => {
    expect(failure(run([...inputs, deadline]).effects)).toEqual({ kind: 'deadline', phase, secure: false, waitedMs });
    expect(failure(run([...inputs, closed]).effects)).toEqual({ kind: 'connection', phase, secure: false, cause: RST });
  });

  test.each([
    [LinkErrorCode.permissionDenied, 'permissionDenied'],
    [LinkErrorCode.badConnectionId, 'badConnectionId'],
    [LinkErrorCode.channelNotAvailable, 'channelNotAvailable'],
  ])('link result %i is a refusal by name: %s', (code, name) => {
    const { effects } = run([...ok.slice(0, 4), bytes(linkResult(code))]);
    expect(failure(effects)).toEqual({ kind: 'handshake', phase: 'authenticating', secure: false, error: { kind: 'refused', code, name, phase: 'result' } });
  });

  test('what is not SPICE is named with its first bytes', () => {
    const http = Uint8Array.from('HTTP/1.1 400 Bad Request', (letter) => letter.charCodeAt(0));
    expect(failure(run([start, connected, bytes(http)]).effects)).toMatchObject({ kind: 'handshake', phase: 'linking', error: { kind: 'notSpice', firstBytes: http.slice(0, 16) } });
  });
});

describe('news that cannot be meant', () => {
  test('before the start nothing is heard', () => {
    for (const input of [connected, bytes(linkReply()), ticketEncrypted, closed, deadline]) expect(run([input])).toMatchObject({ effects: [], state: { phase: 'idle' } });
  });

  test('a second start and a second connected change nothing', () => {
    expect(run([start, start]).effects.filter(({ kind }) => kind === 'dial')).toHaveLength(1);
    expect(run([start, connected, connected]).effects.filter(({ kind }) => kind === 'write')).toHaveLength(1);
  });

  test('a ticket that nobody asked for does not move the phase', () => {
    expect(run([start, connected, ticketEncrypted]).state.phase).toBe('linking');
  });

  test('after the end nothing is heard, whatever the end was', () => {
    for (const end of [ok, [start, closed], [start, deadline]]) {
      const { state } = run(end);
      for (const input of [...ok, closed, deadline]) expect(stepLink(state, input)).toEqual({ state, effects: [] });
    }
  });
});
