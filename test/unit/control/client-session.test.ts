import { describe, expect, test } from 'vitest';
import { initialClient, stepClient, takesRequests } from '#app/control/client-session.js';
import type { ClientEffect, ClientInput, ClientState } from '#app/control/client-session.js';
import type { ControlEvent } from '#app/control/control-event.js';
import { refusal, type Answer } from '#app/control/request.js';
import type { SessionFacts } from '#app/control/session-facts.js';
import { testFacts, testIdentity } from '../../support/control-facts.ts';

const facts = testFacts({ surfaces: [{ channelId: 0, surfaceId: 0, width: 640, height: 400 }] });
const received = (text: string, part: Partial<SessionFacts> = {}, othersType = false): ClientInput => ({ kind: 'requestReceived', text, facts: { ...facts, ...part }, identity: testIdentity, othersType });
const agent = (connected: boolean): ControlEvent => ({ kind: 'agent_connected', connected });
const drawn: ControlEvent = { kind: 'surface_drawn', channelId: 1, surfaceId: 0, sessionMs: 1_234.5678, wallMs: 1_717_000_000_123.456 };

const done: Answer = { ok: true, result: {} };

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
    give(received(text));
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
    expect(request('hello', { client_name: 'late', protocol_version: '1.0' }, 'x')).toMatchObject({ id: 'x', ok: true, result: { server_name: 'ryll', protocol_version: '1.3' } });
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
    expect(effects.at(-1)).toEqual({ kind: 'work', token: 1, work: { kind: 'command', command: { kind: 'reconnect' } } });
    give({ kind: 'workAnswered', token: 1, answer: done });
    expect(lines).toEqual(['{"id":"again","ok":true,"result":{}}']);
    const refused = stepClient(client().state(), received('{"id":2,"method":"reconnect","params":{}}', { reconnectRefusal: 'the ticket was used' }));
    expect(JSON.stringify(refused)).toContain('{\\"id\\":2,\\"ok\\":false,\\"error\\":{\\"code\\":\\"bad_state\\",\\"message\\":\\"the ticket was used\\"}}');
  });

  test('disconnect is answered when the session has taken it, or says that it has not', () => {
    const { request, give, effects, lines } = client();
    expect(request('disconnect', {}, 'bye')).toBe(undefined);
    expect(effects.at(-1)).toEqual({ kind: 'work', token: 1, work: { kind: 'command', command: { kind: 'disconnect' } } });
    give({ kind: 'workAnswered', token: 1, answer: done });
    expect(lines).toEqual(['{"id":"bye","ok":true,"result":{}}']);
    give({ kind: 'workAnswered', token: 1, answer: done });
    expect(lines).toHaveLength(1);
    request('disconnect', {}, 2);
    give({ kind: 'workAnswered', token: 2, answer: refusal('internal_error', 'no room') });
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

describe('work', () => {
  const answered = (method: string, params: unknown, part: Partial<SessionFacts> = {}): unknown => {
    const { effects } = stepClient(client().state(), received(JSON.stringify({ id: 1, method, params }), part));
    return effects.map((effect) => (effect.kind === 'write' ? (JSON.parse(effect.text) as { error?: unknown }).error : effect));
  };
  const input = (...commands: readonly unknown[]): unknown => [{ kind: 'work', token: 1, work: { kind: 'command', command: { kind: 'input', commands } } }];

  test('a key by its code is pressed, released or both; the break bit of the code changes nothing', () => {
    expect(answered('send_key', { scancode: 0xe04b, state: 'down' })).toEqual(input({ kind: 'pressKey', scancode: 0xe04b }));
    expect(answered('send_key', { scancode: 0xe0cb, state: 'up' })).toEqual(input({ kind: 'releaseKey', scancode: 0xe04b }));
    expect(answered('send_key', { scancode: 0x1e, state: 'press' })).toEqual(input({ kind: 'pressKey', scancode: 0x1e }, { kind: 'releaseKey', scancode: 0x1e }));
  });

  test('a chord by its name is pressed in its order and released in the other', () => {
    expect(answered('send_key', { key: 'ctrl-alt-del' })).toEqual(input(
      ...[0x1d, 0x38, 0xe053].map((scancode) => ({ kind: 'pressKey', scancode })), ...[0xe053, 0x38, 0x1d].map((scancode) => ({ kind: 'releaseKey', scancode })),
    ));
  });

  test.each([
    ['send_key', {}], ['send_key', { scancode: 0x1e }], ['send_key', { scancode: 0, state: 'press' }], ['send_key', { scancode: 0x80, state: 'press' }], ['send_key', { scancode: 0x121e, state: 'press' }],
    ['send_key', { scancode: 1.5, state: 'press' }], ['send_key', { scancode: 0x1e, state: 'held' }], ['send_key', { key: 'hyper-x' }], ['send_key', { key: '' }], ['send_key', { key: 'é' }], ['send_key', { key: 'a', scancode: 1 }],
    ['mouse_move', { x: -1, y: 0 }], ['mouse_move', { x: 0 }], ['mouse_button', { button: 'wheel', state: 'press' }], ['mouse_button', { button: 'left' }], ['mouse_wheel', { direction: 'left' }], ['mouse_wheel', { direction: 'up', steps: 51 }],
    ['paste', {}], ['paste', { text: 7 }], ['paste', { text: 'a', char_delay_ms: -1 }], ['paste', { text: 'x'.repeat(4097) }], ['paste', { text: 'naïve' }],
    ['screenshot', { region: { left: 1, top: 1, right: 1, bottom: 2 } }], ['screenshot', { region: { left: 0, top: 0, right: 641, bottom: 1 } }], ['screenshot', { region: [] }], ['screenshot', { surface_id: -1 }], ['screenshot', { format: 7 }],
    ['wait_stable', { timeout_ms: 600_001 }], ['wait_image', {}], ['wait_image', { template_base64: '', differing: 2 }], ['wait_cursor', { visible: 'yes' }], ['wait_event', { event: 'dropped' }], ['wait_event', { event: 'latency', filter: [] }],
    ['notifications', { limit: 0 }], ['traffic', { channels: 'main' }], ['traffic', { limit: 1_001 }], ['subscribe', { events: ['latency'], filters: 7 }], ['subscribe', { events: ['latency'], filters: { latency: { x: {} } } }], ['cancel', {}],
  ])('%s with %j is refused as what it is', (method, params) => {
    expect(answered(method, params)).toMatchObject([{ code: 'bad_params' }]);
  });

  test('of a text that cannot be typed the reason names the first characters, and nothing is typed', () => {
    expect(answered('paste', { text: 'naïve “quotes” – ok' })).toMatchObject([{ message: 'a US keyboard cannot type "ï" (U+00EF), "“" (U+201C), "”" (U+201D) and 1 other characters' }]);
    expect(answered('paste', { text: '\u0007' })).toMatchObject([{ message: 'a US keyboard cannot type U+0007' }]);
  });

  test.each([
    ['send_key', { scancode: 1, state: 'press' }, { inputsReady: false }], ['paste', { text: 'x' }, { inputsReady: false }], ['mouse_move', { x: 1, y: 1 }, { mouseMode: 'relative' }], ['mouse_motion', { dx: 1, dy: 1 }, { mouseMode: 'absolute' }], ['mouse_move', { x: 1, y: 1 }, { mouseMode: null }],
  ] as const)('%s is bad_state where the guest cannot take it (%j, %j)', (method, params, part) => {
    expect(answered(method, params, part)).toMatchObject([{ code: 'bad_state' }]);
  });

  test('a screenshot needs its surface and a format that there is', () => {
    expect(answered('screenshot', { surface_id: 1 })).toMatchObject([{ code: 'no_such_surface' }]);
    expect(answered('screenshot', { channel_id: 1 })).toMatchObject([{ code: 'no_such_surface' }]);
    expect(answered('screenshot', { format: 'jpeg' })).toMatchObject([{ code: 'unsupported_format' }]);
    expect(answered('screenshot', { surface_id: null, format: null })).toEqual([{ kind: 'work', token: 1, work: { kind: 'screenshot', target: { channelId: null, surfaceId: 0, region: null }, format: 'png' } }]);
  });

  test('a paste is answered at once; what became of it is an event for who subscribed', () => {
    const { request, give, lines, effects, state } = client();
    request('subscribe', { events: ['paste_completed', 'paste_failed'] });
    expect(request('paste', { text: 'Ab', char_delay_ms: null }, 'p')).toEqual({ id: 'p', ok: true, result: {} });
    expect(effects.find(({ kind }) => kind === 'type')).toMatchObject({ charDelayMs: 10, plan: { characters: 2, steps: [
      [{ kind: 'pressKey', scancode: 0x2a }, { kind: 'pressKey', scancode: 0x1e }], [{ kind: 'releaseKey', scancode: 0x1e }, { kind: 'releaseKey', scancode: 0x2a }],
      [{ kind: 'pressKey', scancode: 0x30 }], [{ kind: 'releaseKey', scancode: 0x30 }],
    ] } });
    expect(request('paste', { text: 'x' })).toMatchObject({ error: { code: 'bad_state' } });
    expect(request('send_key', { key: 'x' })).toMatchObject({ error: { code: 'bad_state' } });
    give({ kind: 'typed', characters: 2, reason: null });
    expect(lines.splice(0)).toEqual(['{"event":"paste_completed","data":{"request_id":"p","chars_sent":2}}']);
    request('paste', { text: 'x' }, 'q');
    give({ kind: 'typed', characters: 0, reason: 'gone' });
    expect(lines).toEqual(['{"event":"paste_failed","data":{"request_id":"q","reason":"gone"}}']);
    expect(state().typing).toBe(null);
    expect(stepClient(state(), received('{"id":1,"method":"paste","params":{"text":"x"}}', {}, true)).effects).toMatchObject([{ kind: 'write', text: expect.stringContaining('bad_state') }]);
  });

  test('keys that the client holds are up while a text is typed; under Caps Lock letters are shifted the other way', () => {
    const { request, give, state } = client();
    request('send_key', { key: 'ctrl', state: 'down' });
    give({ kind: 'workAnswered', token: 1, answer: done });
    const typed = stepClient(state(), received('{"id":1,"method":"paste","params":{"text":"aA1"}}', { capsLock: true })).effects.find(({ kind }) => kind === 'type');
    expect(typed).toMatchObject({ plan: { before: [{ kind: 'releaseKey', scancode: 0x1d }], after: [{ kind: 'pressKey', scancode: 0x1d }] } });
    expect(typed?.kind === 'type' && typed.plan.steps.map((step) => step.length)).toEqual([2, 2, 1, 1, 1, 1]);
  });

  test('what a client holds is released when it goes, and only that', () => {
    const { request, give, effects } = client();
    request('send_key', { key: 'shift', state: 'down' });
    give({ kind: 'workAnswered', token: 1, answer: done });
    request('send_key', { key: 'x', state: 'press' });
    give({ kind: 'workAnswered', token: 2, answer: done });
    request('mouse_button', { button: 'left', state: 'down' });
    // It may have reached the guest or not: then it is released too.
    give({ kind: 'workAnswered', token: 3, answer: refusal('bad_state', 'no room') });
    give({ kind: 'gone' });
    expect(effects.at(-1)).toEqual({ kind: 'release', held: { scancodes: new Set([0x2a]), buttons: new Set([1]) } });
  });

  test('waits hold nothing up, are bounded, can be cancelled, and end with the session or the client', () => {
    const { request, give, effects, lines, state } = client();
    for (let id = 1; id <= 8; id++) expect(request('wait_agent', { timeout_ms: 1_000 }, id)).toBe(undefined);
    expect(takesRequests(state())).toBe(true);
    expect(request('wait_stable', {}, 9)).toMatchObject({ error: { code: 'too_many_waits' } });
    expect(request('cancel', { request_id: 3 }, 'c')).toEqual({ id: 'c', ok: true, result: { cancelled: 1 } });
    expect(effects).toContainEqual({ kind: 'abandon', token: 3 });
    give({ kind: 'workAnswered', token: 1, answer: { ok: true, result: { connected: true } } });
    expect(lines.splice(0)).toEqual(['{"id":1,"ok":true,"result":{"connected":true}}']);
    const gone = stepClient(state(), { kind: 'gone' });
    expect(gone.effects.filter(({ kind }) => kind === 'abandon')).toHaveLength(6);
    give({ kind: 'sessionEnded' });
    expect(lines.map((line) => (JSON.parse(line) as { error: unknown }).error)).toEqual(Array.from({ length: 6 }, () => ({ code: 'bad_state', message: 'the session is over' })));
    expect(effects.at(-1)).toEqual({ kind: 'close' });
  });

  test('a filter lets pass what has the wanted values', () => {
    const { request, give, lines } = client();
    request('subscribe', { events: ['surface_drawn', 'notification'], filters: { surface_drawn: { display_channel_id: [1, 2] }, notification: { severity: 'Error' } } });
    give({ kind: 'eventOccurred', event: drawn });
    give({ kind: 'eventOccurred', event: { ...drawn, channelId: 0 } as ControlEvent });
    give({ kind: 'eventOccurred', event: { kind: 'notification', notification: { severity: 'Warn' } } });
    give({ kind: 'eventOccurred', event: { kind: 'notification', notification: { severity: 'Error' } } });
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['surface_drawn', 'notification']);
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
      state = stepClient(state, received('{"id":1,"method":"status","params":{}}')).state;
      asked += 1;
    }
    expect(asked).toBe(64);
    expect(takesRequests(stepClient(state, { kind: 'written' }).state)).toBe(true);
  });

  test('is asked for nothing more while work of its own goes on, so that answers keep the order of the requests', () => {
    const asked = stepClient(stopped(), received('{"id":1,"method":"send_key","params":{"key":"a"}}'));
    expect(takesRequests(asked.state)).toBe(false);
    expect(takesRequests(stepClient(asked.state, { kind: 'workAnswered', token: 1, answer: done }).state)).toBe(true);
  });

  test('is asked for nothing more while a picture waits to be read', () => {
    const asked = stepClient(stopped(), received('{"id":1,"method":"screenshot","params":{}}'));
    const answered = stepClient(asked.state, { kind: 'workAnswered', token: 1, answer: { ok: true, result: { data_base64: 'x'.repeat(2_000_000) } } });
    expect(takesRequests(answered.state)).toBe(false);
    expect(takesRequests(stepClient(stepClient(answered.state, { kind: 'written' }).state, { kind: 'written' }).state)).toBe(true);
  });
});

describe('the end', () => {
  test('lets what waits be written first, and then closes once', () => {
    const greeted = client().state();
    const asked = stepClient(greeted, received('{"id":1,"method":"status","params":{}}'));
    const ended = stepClient(asked.state, { kind: 'inputEnded' });
    expect(ended.effects).toEqual([]);
    const closed = stepClient(ended.state, { kind: 'written' });
    expect(closed.effects).toEqual([{ kind: 'close' }]);
    for (const input of [{ kind: 'inputEnded' }, { kind: 'sessionEnded' }, { kind: 'gone' }, { kind: 'written' }, { kind: 'eventOccurred', event: agent(true) }, { kind: 'lineRefused', reason: 'tooLong' }] as const) {
      expect(stepClient(closed.state, input).effects).toEqual([]);
    }
  });

  test('waits for the answer of a command', () => {
    const { request, give, effects } = client();
    request('disconnect');
    give({ kind: 'sessionEnded' });
    expect(effects.at(-1)?.kind).toBe('work');
    give({ kind: 'workAnswered', token: 1, answer: done });
    expect(effects.slice(-2).map(({ kind }) => kind)).toEqual(['write', 'close']);
  });
});
