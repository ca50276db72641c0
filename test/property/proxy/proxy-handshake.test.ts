// The handshake with a proxy, over generated answers: how they are cut changes nothing, no byte of the target's is lost, and whatever comes
// ends in a verdict with a name or in waiting for more, within bounds.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ProxyEffect } from '#app/proxy/proxy-exchange.js';
import { beginProxyHandshake, stepProxyHandshake, type ProxyHandshakeState, type ProxyProtocol } from '#app/proxy/proxy-handshake.js';

const credentials = { username: 'me', password: 'secret' };
const protocols: readonly ProxyProtocol[] = ['httpConnect', 'socks5'];

function talk(protocol: ProxyProtocol, hasCredentials: boolean, pieces: readonly Uint8Array[]): { readonly state: ProxyHandshakeState; readonly effects: readonly ProxyEffect[] } {
  let { state, effects } = beginProxyHandshake(protocol, { host: 'vm.example', port: 5900 }, hasCredentials ? credentials : null);
  const all = [...effects];
  let rest: Buffer[] = [];
  for (const piece of pieces) {
    const isUp = all.at(-1)?.kind === 'established';
    if (isUp) rest = [...rest, Buffer.from(piece)];
    // Whoever reads reuses its buffer: what was given is not there any more after the call.
    const lent = Uint8Array.from(piece);
    ({ state, effects } = stepProxyHandshake(state, lent));
    all.push(...effects.map((effect) => (effect.kind === 'established' ? { ...effect, rest: effect.rest.slice() } : effect)));
    lent.fill(0xee);
    expect(isUp ? effects : []).toEqual([]);
  }
  const last = all.at(-1);
  if (last?.kind === 'established') all[all.length - 1] = { ...last, rest: new Uint8Array(Buffer.concat([last.rest, ...rest])) };
  return { state, effects: all };
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...new Set(at.map((each) => each % (bytes.length + 1)))].toSorted((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}

const header = fc.stringMatching(/^[A-Za-z-]{1,20}: [ -~]{0,40}$/);
const httpAnswer = fc.tuple(fc.constantFrom(200, 200, 204, 302, 401, 403, 407, 500, 502, 504), fc.stringMatching(/^[ -~]{0,40}$/), fc.array(header, { maxLength: 6 }), fc.constantFrom('\r\n', '\n'), fc.boolean())
  .map(([status, reason, headers, end, interim]) => Buffer.from(`${interim ? `HTTP/1.1 100 Continue${end}${end}` : ''}${[`HTTP/1.1 ${status} ${reason}`, ...headers].join(end)}${end}${end}`));
const socksAnswer = fc.tuple(fc.constantFrom('0500', '05020100', '05020500', '05ff', '05020101'), fc.constantFrom(0, 0, 0, 1, 2, 5, 77), fc.constantFrom('01c0a80001170d', '0303616263170d', `04${'00'.repeat(16)}170d`))
  .map(([login, reply, address]) => Buffer.from(`${login}05${Buffer.of(reply).toString('hex')}00${address}`, 'hex'));
const answerOf = { httpConnect: httpAnswer, socks5: socksAnswer };
const cuts = fc.array(fc.nat(), { maxLength: 12 });

test.each(protocols)('%s: an answer cut anywhere comes to the same, and every byte behind it is the target\'s', (protocol) => {
  fc.assert(
    fc.property(answerOf[protocol], fc.uint8Array({ maxLength: 64 }), cuts, fc.boolean(), (answer, rest, at, hasCredentials) => {
      const bytes = new Uint8Array(Buffer.concat([answer, rest]));
      const whole = talk(protocol, hasCredentials, [bytes]);
      expect(talk(protocol, hasCredentials, cut(bytes, at)).effects).toEqual(whole.effects);
      expect(talk(protocol, hasCredentials, [...bytes].map((byte) => Uint8Array.of(byte))).effects).toEqual(whole.effects);
      const last = whole.effects.at(-1);
      expect(Buffer.from(last?.kind === 'established' ? last.rest : rest)).toEqual(Buffer.from(rest));
    }),
  );
});

test.each(protocols)('%s: any bytes are a verdict or too few, never an exception, and what is kept is bounded', (protocol) => {
  const spoilt = fc.tuple(answerOf[protocol], fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 4 })).map(([answer, changes]) => {
    const bytes = Uint8Array.from(answer);
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), spoilt, fc.nat(40_000).map((length) => new Uint8Array(Buffer.concat([Buffer.from('HTTP/1.1 200 '), Buffer.alloc(length, 120)])))), cuts, fc.boolean(), (bytes, at, hasCredentials) => {
      const { state, effects } = talk(protocol, hasCredentials, cut(bytes, at));
      const verdicts = effects.filter(({ kind }) => kind !== 'send');
      expect(verdicts.length).toBeLessThanOrEqual(1);
      for (const effect of verdicts) {
        if (effect.kind !== 'failed') continue;
        expect(effect.fault.message).toMatch(/^[\x20-\x7e]+$/);
        expect(effect.fault.code).toMatch(/^[A-Z0-9_]+$/);
      }
      const kept = state.protocol === 'httpConnect' ? state.exchange.head.length : state.exchange.pending.length;
      expect(kept).toBeLessThanOrEqual(protocol === 'httpConnect' ? 16 * 1024 : 262);
    }),
    { numRuns: 400 },
  );
});

test('nothing that is said of a fault repeats the credentials', () => {
  fc.assert(
    fc.property(fc.constantFrom(...protocols), fc.uint8Array({ maxLength: 60 }), (protocol, bytes) => {
      const { effects } = talk(protocol, true, [bytes]);
      expect(JSON.stringify(effects.filter(({ kind }) => kind === 'failed'))).not.toContain(credentials.password);
    }),
  );
});
