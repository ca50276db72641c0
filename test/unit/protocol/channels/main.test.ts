import { describe, expect, test } from 'vitest';
import { mainBehavior } from '#app/protocol/channels/main.js';
import { driveChannel, type DrivenChannel } from '../../../support/driven-channel.ts';

type Main = DrivenChannel<typeof mainBehavior.initial>;

const u32 = (value: number): string => Buffer.from(Uint32Array.of(value).buffer).toString('hex');

interface InitFields {
  readonly sessionId?: number;
  readonly supported?: number;
  readonly current?: number;
  readonly agent?: 0 | 1;
  readonly tokens?: number;
}

function init(main: Main, { sessionId = 0x11, supported = 1, current = 1, agent = 0, tokens = 0 }: InitFields = {}) {
  return main.message(103, u32(sessionId), u32(1), u32(supported), u32(current), u32(agent), u32(tokens), u32(5_000), u32(0x0100_0000));
}

const ATTACH_CHANNELS = '104';
const REQUEST_CLIENT_MODE = '105 0200';
const AGENT_START = '106 ffffffff';
/** Protocol 1, type 6, opaque 0, 8 bytes: request 1, MONITORS_CONFIG and REPLY. */
const ANNOUNCE = `107 ${u32(1)}${u32(6)}${u32(0)}${u32(0)}${u32(8)}${u32(1)}${u32(0b110)}`;
/** The agent's own capabilities: MONITORS_CONFIG only, not asking back. */
const agentAnnounces = (request: number): string => `${u32(1)}${u32(6)}${u32(0)}${u32(0)}${u32(8)}${u32(request)}${u32(0b10)}`;

describe('INIT', () => {
  test('the session id is told, then ATTACH_CHANNELS is sent; the server lists no channels before it', () => {
    const main = driveChannel(mainBehavior);
    expect(main.linked().effects).toEqual([]);
    const { sent, events } = init(main, { sessionId: 0xab });
    expect(sent).toEqual([ATTACH_CHANNELS]);
    expect(events[0]).toEqual({ kind: 'sessionInitialised', sessionId: 0xab, displayChannelsHint: 1, ramHint: 0x0100_0000 });
    expect(main.describe()).toMatchObject({ sessionId: 0xab, multiMediaTime: { serverMs: 5_000, atMs: 1_000 } });
  });

  test('mouse mode, agent start and agent capabilities go out in this order, ATTACH_CHANNELS last', () => {
    expect(init(driveChannel(mainBehavior), { supported: 3, current: 1, agent: 1, tokens: 10 }).sent).toEqual([REQUEST_CLIENT_MODE, AGENT_START, ANNOUNCE, ATTACH_CHANNELS]);
  });

  test('a second INIT changes nothing and is a gap', () => {
    const main = driveChannel(mainBehavior);
    init(main, { sessionId: 1 });
    expect(init(main, { sessionId: 2 })).toMatchObject({ sent: [], events: [], gaps: ['main:init:repeated'] });
    expect(main.describe()).toMatchObject({ sessionId: 1 });
  });
});

describe('mouse mode', () => {
  test('client mode is asked for only where the guest supports it', () => {
    expect(init(driveChannel(mainBehavior), { supported: 1, current: 1 }).sent).toEqual([ATTACH_CHANNELS]);
    expect(init(driveChannel(mainBehavior), { supported: 3, current: 2 }).sent).toEqual([ATTACH_CHANNELS]);
  });

  test('message 105 is two 16-bit numbers: supported, current', () => {
    const main = driveChannel(mainBehavior);
    init(main);
    expect(main.message(105, '0300', '0200')).toMatchObject({ sent: [], events: [{ kind: 'mouseModeChanged', supported: 3, current: 2 }] });
  });

  test('at most one request is outstanding; the next MOUSE_MODE answers it', () => {
    const main = driveChannel(mainBehavior);
    expect(init(main, { supported: 3, current: 1 }).sent).toContain(REQUEST_CLIENT_MODE);
    expect(main.state.mouseModeAsked).toBe(true);
    expect(main.message(105, '0300', '0200').sent).toEqual([]);
    expect(main.state.mouseModeAsked).toBe(false);
  });

  test('it is asked for again whenever the server went back to server mode', () => {
    const main = driveChannel(mainBehavior);
    init(main, { supported: 3, current: 2 });
    expect(main.message(105, '0300', '0100').sent).toEqual([REQUEST_CLIENT_MODE]);
    expect(main.message(105, '0100', '0100').sent).toEqual([]);
    expect(main.message(105, '0300', '0100').sent).toEqual([REQUEST_CLIENT_MODE]);
  });

  test('a mode that did not change is not news', () => {
    const main = driveChannel(mainBehavior);
    init(main, { supported: 3, current: 2 });
    expect(main.message(105, '0300', '0200').events).toEqual([]);
  });
});

describe('the agent', () => {
  test('AGENT_START comes before anything else, each time that an agent connects', () => {
    const main = driveChannel(mainBehavior);
    init(main);
    for (const round of [1, 2]) {
      const connected = main.message(115, u32(10));
      expect(connected.sent, `round ${round}`).toEqual([AGENT_START, ANNOUNCE]);
      expect(connected.events).toEqual([{ kind: 'agentChanged', connected: true }]);
      expect(main.message(108, u32(0)).events).toEqual([{ kind: 'agentChanged', connected: false }]);
    }
  });

  test('without a token nothing but AGENT_START goes out; AGENT_TOKEN lets it out', () => {
    const main = driveChannel(mainBehavior);
    expect(init(main, { agent: 1, tokens: 0 }).sent).toEqual([AGENT_START, ATTACH_CHANNELS]);
    expect(main.message(110, u32(1)).sent).toEqual([ANNOUNCE]);
    expect(main.describe()).toMatchObject({ agentTokens: 0, agentQueuedBytes: 0 });
  });

  test('AGENT_CONNECTED (107) keeps the old count, across a disconnect too', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 1, tokens: 3 });
    main.message(108, u32(0));
    expect(main.message(107).sent).toEqual([AGENT_START, ANNOUNCE]);
    expect(main.describe()).toMatchObject({ agentTokens: 1 });
  });

  test('AGENT_CONNECTED for an agent that was not there at INIT uses the tokens of INIT', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 0, tokens: 10 });
    expect(main.message(107).sent).toEqual([AGENT_START, ANNOUNCE]);
    expect(main.describe()).toMatchObject({ agentTokens: 9 });
  });

  test('AGENT_CONNECTED_TOKENS (115) replaces the count', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 1, tokens: 10 });
    main.message(115, u32(4));
    expect(main.describe()).toMatchObject({ agentTokens: 3, agentConnected: true });
  });

  test('a request for our capabilities is answered with request 0; an answer is not answered', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 1, tokens: 10 });
    expect(main.message(109, agentAnnounces(1)).sent).toEqual([`107 ${u32(1)}${u32(6)}${u32(0)}${u32(0)}${u32(8)}${u32(0)}${u32(0b110)}`]);
    expect(main.message(109, agentAnnounces(0)).sent).toEqual([]);
  });

  test('monitors wait for the agent and its capability; height comes before width, without physical sizes', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 0, tokens: 10 });
    expect(main.command({ kind: 'configureMonitors', monitors: [{ x: 0, y: 0, width: 1024, height: 768 }] }).sent).toEqual([]);
    main.message(107);
    expect(main.message(109, agentAnnounces(0)).sent).toEqual([`107 ${u32(1)}${u32(2)}${u32(0)}${u32(0)}${u32(28)}${u32(1)}${u32(1)}${u32(768)}${u32(1024)}${u32(32)}${u32(0)}${u32(0)}`]);
  });

  test('data after the agent disconnected is a gap and answers nothing', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 1, tokens: 10 });
    main.message(108, u32(0));
    expect(main.message(109, agentAnnounces(1))).toMatchObject({ sent: [], gaps: ['main:agent:data-unstarted'] });
  });

  test('a message that was cut off by a disconnect is forgotten', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 1, tokens: 10 });
    expect(main.message(109, agentAnnounces(1).slice(0, 30)).sent).toEqual([]);
    main.message(108, u32(0));
    main.message(107);
    expect(main.message(109, agentAnnounces(1)).sent).toHaveLength(1);
  });

  test('what the agent says and nobody asked for is a gap under its name or number', () => {
    const main = driveChannel(mainBehavior);
    init(main, { agent: 1, tokens: 10 });
    const agentMessage = (type: number, payload: string): string => `${u32(1)}${u32(type)}${u32(0)}${u32(0)}${u32(payload.length / 2)}${payload}`;
    expect(main.message(109, agentMessage(14, u32(5))).gaps).toEqual(['main:agent:maxClipboard']);
    expect(main.message(109, agentMessage(99, '')).gaps).toEqual(['main:agent:type-99']);
    expect(main.message(109, agentMessage(3, '01')).gaps).toEqual(['main:agent:malformed-3']);
    expect(main.message(109, agentMessage(3, u32(2) + u32(1))).gaps).toEqual([]);
  });
});

describe('facts and migration', () => {
  test('channel list, name and uuid are told as they are', () => {
    const main = driveChannel(mainBehavior);
    expect(main.message(104, u32(2), '0200', '0401').events).toEqual([{ kind: 'channelsListed', channels: [{ type: 2, id: 0 }, { type: 4, id: 1 }] }]);
    expect(main.message(113, u32(3), '766d00').events).toEqual([{ kind: 'serverNamed', name: 'vm' }]);
    expect(main.message(114, '00112233445566778899aabbccddeeff').events).toEqual([{ kind: 'serverIdentified', uuid: '00112233-4455-6677-8899-aabbccddeeff' }]);
  });

  test('the multimedia clock is kept with the moment at which it was told', () => {
    const main = driveChannel(mainBehavior, 42);
    main.message(106, u32(777));
    expect(main.describe()).toMatchObject({ multiMediaTime: { serverMs: 777, atMs: 42 } });
  });

  // port, TLS port, host size 2, host at 22, no certificate subject; then `h` and its NUL.
  const destination = ['0a00', '0b00', u32(2), u32(20), u32(0), u32(0), '6800'];

  test('MIGRATE_BEGIN is answered with MIGRATE_CONNECT_ERROR, so that the server does not wait for us', () => {
    expect(driveChannel(mainBehavior).message(101, ...destination)).toMatchObject({ sent: ['103'], gaps: ['main:migrate:migrateBegin'] });
  });

  test('the other words about migration are gaps and nothing is sent: MIGRATE_FLUSH_MARK out of turn aborts QEMU', () => {
    const main = driveChannel(mainBehavior);
    for (const type of [102, 112, 117, 118]) expect(main.message(type)).toMatchObject({ sent: [], gaps: [expect.stringMatching(/^main:migrate:/)] });
    expect(main.message(1, u32(1))).toMatchObject({ sent: [], gaps: ['main:migrate:migrate'] });
  });

  test('commands for other channels are ignored', () => {
    expect(driveChannel(mainBehavior).command({ kind: 'pressKey', scancode: 1 }).effects).toEqual([]);
  });
});
