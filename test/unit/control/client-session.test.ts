import { describe, expect, test } from 'vitest';
import { initialClient, stepClient, takesRequests } from '#app/control/client-session.js';
import type { ClientEffect, ClientInput, ClientState } from '#app/control/client-session.js';
import type { ControlEvent } from '#app/control/control-event.js';

const facts = { connected: true, agentConnected: false, reconnectRefusal: null, surfaces: [{ channelId: 0, surfaceId: 0, width: 640, height: 400 }] };
const agent = (connected: boolean): ControlEvent => ({ kind: 'agent_connected', connected });
const drawn: ControlEvent = { kind: 'surface_drawn', channelId: 1, surfaceId: 0, sessionMs: 1_234.5678, wallMs: 1_717_000_000_123.456 };

/** A client whose socket takes everything at once. */
function client(greeted = true) {
  let state: ClientState = initialClient;
  const lines: string[] = [];
  const effects: ClientEffect[] = [];
  const give = (input: ClientInput): void => {
    const step = stepClient(state, input);
    state = step.state;
    for (const effect of step.effects) {
      effects.push(effect);
      if (effect.kind !== 'write') continue;
      lines.push(...effect.text.split('\n').slice(0, -1));
      give({ kind: 'written' });
    }
  };
  const send = (text: string): unknown => {
    give({ kind: 'requestReceived', text, facts });
    const line = lines.splice(0).at(-1);
    return line === undefined ? undefined : JSON.parse(line);
  };
  const request = (method: string, params: unknown = {}, id: unknown = 1): unknown => send(JSON.stringify({ id, method, params }));
  if (greeted) request('hello', { client_name: 'test', protocol_version: '1.2' });
  return { give, send, request, lines, effects, state: () => state };
}

describe('hello', () => {
  test('comes first: anything else is refused, and the connection goes on', () => {
    const { request, state } = client(false);
    for (const method of ['status', 'screenshot', 'nonsense']) expect(request(method)).toEqual({ id: 1, ok: false, error: { code: 'no_hello_yet', message: 'first request must be hello' } });
    expect(request('hello', { client_name: 'late', protocol_version: '1.0' }, 'x')).toMatchObject({ id: 'x', ok: true, result: { server_name: 'ryll', protocol_version: '1.2' } });
    expect(state()).toMatchObject({ phase: 'greeted', name: 'late' });
    expect(request('status')).toMatchObject({ ok: true });
  });

  test('of another major version is answered, then the connection is closed', () => {
    const { request, effects, state } = client(false);
    expect(request('hello', { client_name: 'x', protocol_version: '2.0' })).toMatchObject({ ok: false, error: { code: 'protocol_version_mismatch' } });
    expect(effects.map(({ kind }) => kind)).toEqual(['write', 'close']);
    expect(takesRequests(state())).toBe(false);
    expect(request('status')).toBe(undefined);
  });

  test.each([{}, { client_name: 'x' }, { protocol_version: '1.2' }, { client_name: 7, protocol_version: '1.2' }, { client_name: 'x', protocol_version: '1' }, { client_name: 'x', protocol_version: 1.2 }])('with %j is refused and may be said again', (params) => {
    const { request, state } = client(false);
    expect(request('hello', params)).toMatchObject({ ok: false, error: { code: 'bad_params' } });
    expect(state().phase).toBe('fresh');
  });

  test('may be repeated, and of a long name only the beginning is kept', () => {
    const { request, state } = client();
    expect(request('hello', { client_name: 'y'.repeat(1_000), protocol_version: '1.9' })).toMatchObject({ ok: true });
    expect(state().name).toHaveLength(100);
  });
});

describe('requests', () => {
  test('status says how the session is', () => {
    expect(client().request('status')).toEqual({
      id: 1, ok: true, result: { spice_connected: true, agent_connected: false, surfaces: [{ channel_id: 0, surface_id: 0, width: 640, height: 400 }] },
    });
  });

  test.each(['send_key', 'paste', 'screenshot'])('%s is known and not built, and is answered so', (method) => {
    expect(client().request(method)).toEqual({ id: 1, ok: false, error: { code: 'not_implemented', message: `${method} is not built in this version` } });
  });

  test('an unknown method is refused without repeating its name, however long', () => {
    expect(client().request('x'.repeat(100_000))).toEqual({ id: 1, ok: false, error: { code: 'unknown_method', message: 'no such method; hello names those that there are' } });
  });

  test('lines that are no requests are answered without an id, empty ones not at all', () => {
    const { send, give, lines } = client();
    expect(send('{')).toEqual({ ok: false, error: { code: 'bad_params', message: 'the line is not JSON' } });
    for (const empty of ['', ' ', '\r']) expect(send(empty)).toBe(undefined);
    give({ kind: 'lineRefused', reason: 'tooLong' });
    give({ kind: 'lineRefused', reason: 'notUtf8' });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ok: false, error: { code: 'bad_params', message: 'the line is too long' } },
      { ok: false, error: { code: 'bad_params', message: 'the line is not UTF-8' } },
    ]);
  });

  test('reconnect is the session’s to do, unless its ticket allows none', () => {
    const { request, give, effects, lines } = client();
    expect(request('reconnect', {}, 'again')).toBe(undefined);
    expect(effects.at(-1)).toEqual({ kind: 'command', id: 'again', command: { kind: 'reconnect' } });
    give({ kind: 'commandAnswered', id: 'again', accepted: true });
    expect(lines).toEqual(['{"id":"again","ok":true,"result":{}}']);
    const used = stepClient(client().state(), { kind: 'requestReceived', text: '{"id":1,"method":"hello","params":{"client_name":"x","protocol_version":"1.2"}}', facts });
    const refused = stepClient(used.state, { kind: 'requestReceived', text: '{"id":2,"method":"reconnect","params":{}}', facts: { ...facts, reconnectRefusal: 'the ticket was used' } });
    expect(JSON.stringify(refused)).toContain('{\\"id\\":2,\\"ok\\":false,\\"error\\":{\\"code\\":\\"bad_state\\",\\"message\\":\\"the ticket was used\\"}}');
  });

  test('disconnect is answered when the session has taken it, or says that it has not', () => {
    const { request, give, effects, lines } = client();
    expect(request('disconnect', {}, 'bye')).toBe(undefined);
    expect(effects.at(-1)).toEqual({ kind: 'command', id: 'bye', command: { kind: 'disconnect' } });
    give({ kind: 'commandAnswered', id: 'bye', accepted: true });
    expect(lines).toEqual(['{"id":"bye","ok":true,"result":{}}']);
    give({ kind: 'commandAnswered', id: 'bye', accepted: true });
    expect(lines).toHaveLength(1);
    request('disconnect', {}, 2);
    give({ kind: 'commandAnswered', id: 2, accepted: false });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ id: 2, ok: false, error: { code: 'internal_error' } });
  });
});

describe('subscriptions', () => {
  test('begin empty, take what there is, and tell what was removed', () => {
    const { request, give, lines } = client();
    give({ kind: 'eventOccurred', event: agent(true) });
    expect(lines).toEqual([]);
    expect(request('subscribe', { events: ['agent_connected', 'digest_updated', 'agent_connected', 'toString'] })).toMatchObject({ result: { subscribed: ['agent_connected'] } });
    give({ kind: 'eventOccurred', event: agent(true) });
    give({ kind: 'eventOccurred', event: drawn });
    expect(lines.splice(0)).toEqual(['{"event":"agent_connected","data":{"connected":true}}']);
    expect(request('unsubscribe', { events: ['latency', 'agent_connected', 'nonsense'] })).toMatchObject({ result: { unsubscribed: ['agent_connected'] } });
    give({ kind: 'eventOccurred', event: agent(false) });
    expect(lines).toEqual([]);
  });

  test.each([{}, { events: 'latency' }, { events: ['latency', 7] }, { events: null }])('with %j are refused and change nothing', (params) => {
    const { request, state } = client();
    for (const method of ['subscribe', 'unsubscribe']) expect(request(method, params)).toMatchObject({ ok: false, error: { code: 'bad_params' } });
    expect(state().subscriptions.size).toBe(0);
  });

  test('deliver each event in the names and units of the protocol', () => {
    const { request, give, lines } = client();
    request('subscribe', { events: ['latency', 'surface_drawn'] });
    give({ kind: 'eventOccurred', event: drawn });
    give({ kind: 'eventOccurred', event: { kind: 'latency', sampleMs: 12.4, wallMs: 1_717_000_000_123.456 } });
    expect(lines).toEqual([
      '{"event":"surface_drawn","data":{"display_channel_id":1,"surface_id":0,"produced_at_secs":1.234568,"wallclock_us":1717000000123456}}',
      '{"event":"latency","data":{"sample_ms":12.4,"wallclock_us":1717000000123456}}',
    ]);
  });
});

describe('a client that does not read', () => {
  const stopped = (): ClientState => {
    const { request, state } = client();
    request('subscribe', { events: ['agent_connected'] });
    return stepClient(state(), { kind: 'eventOccurred', event: agent(true) }).state;
  };

  test('has one write under way and no more', () => {
    let state = stopped();
    for (let count = 0; count < 10; count++) {
      const step = stepClient(state, { kind: 'eventOccurred', event: agent(true) });
      expect(step.effects).toEqual([]);
      state = step.state;
    }
    const { effects } = stepClient(state, { kind: 'written' });
    expect(effects).toHaveLength(1);
  });

  test('is not read from while 64 replies wait for it', () => {
    let state = stopped();
    let asked = 0;
    while (takesRequests(state)) {
      state = stepClient(state, { kind: 'requestReceived', text: '{"id":1,"method":"status","params":{}}', facts }).state;
      asked += 1;
    }
    expect(asked).toBe(64);
    expect(takesRequests(stepClient(state, { kind: 'written' }).state)).toBe(true);
  });

  test('counts commands that are not answered like replies that wait', () => {
    let state = stopped();
    for (let count = 0; count < 64; count++) state = stepClient(state, { kind: 'requestReceived', text: `{"id":${count},"method":"disconnect","params":{}}`, facts }).state;
    expect(takesRequests(state)).toBe(false);
  });
});

describe('the end', () => {
  test('lets what waits be written first, and then closes once', () => {
    const greeted = client().state();
    const asked = stepClient(greeted, { kind: 'requestReceived', text: '{"id":1,"method":"status","params":{}}', facts });
    const ended = stepClient(asked.state, { kind: 'ended' });
    expect(ended.effects).toEqual([]);
    const closed = stepClient(ended.state, { kind: 'written' });
    expect(closed.effects).toEqual([{ kind: 'close' }]);
    for (const input of [{ kind: 'ended' }, { kind: 'written' }, { kind: 'eventOccurred', event: agent(true) }, { kind: 'lineRefused', reason: 'tooLong' }] as const) {
      expect(stepClient(closed.state, input).effects).toEqual([]);
    }
  });

  test('waits for the answer of a command', () => {
    const { request, give, effects } = client();
    request('disconnect');
    give({ kind: 'ended' });
    expect(effects.at(-1)?.kind).toBe('command');
    give({ kind: 'commandAnswered', id: 1, accepted: true });
    expect(effects.slice(-2).map(({ kind }) => kind)).toEqual(['write', 'close']);
  });
});
