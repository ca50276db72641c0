import { describe, expect, test } from 'vitest';
import { initialSession, sessionChannelsMax, stepSession, type ChannelChoice, type SessionEffect, type SessionState } from '#app/protocol/session.js';
import type { ChannelEvent, OfferedChannel } from '#app/protocol/events.js';

const ALL: ChannelChoice = { filter: null, disabled: new Set() };
const INITIALISED: ChannelEvent = { kind: 'sessionInitialised', sessionId: 77, displayChannelsHint: 1, ramHint: 0 };
const listed = (...channels: readonly (readonly [type: number, id: number])[]): ChannelEvent => ({ kind: 'channelsListed', channels: channels.map(([type, id]): OfferedChannel => ({ type, id })) });

function run(events: readonly ChannelEvent[], choice = ALL, from = 'main/0'): { readonly state: SessionState; readonly effects: SessionEffect[] } {
  let state = initialSession;
  const effects: SessionEffect[] = [];
  for (const event of events) {
    const step = stepSession(state, from, event, choice);
    ({ state } = step);
    effects.push(...step.effects);
  }
  return { state, effects };
}

const starts = (effects: readonly SessionEffect[]): string[] => effects.flatMap((effect) => (effect.kind === 'startChannel' ? [`${effect.type}/${effect.id} of ${effect.connectionId}`] : []));
const gaps = (effects: readonly SessionEffect[]): string[] => effects.flatMap((effect) => (effect.kind === 'reportGap' ? [effect.gap.key] : []));

describe('the channel list', () => {
  test('every channel that it names is linked with the session id', () => {
    expect(starts(run([INITIALISED, listed([2, 0], [2, 1], [3, 0], [4, 0], [5, 0], [6, 0], [9, 3], [10, 0], [11, 0])]).effects)).toEqual([
      '2/0 of 77', '2/1 of 77', '3/0 of 77', '4/0 of 77', '5/0 of 77', '6/0 of 77', '9/3 of 77', '10/0 of 77', '11/0 of 77',
    ]);
  });

  test('main is never linked again', () => {
    expect(starts(run([INITIALISED, listed([1, 0], [1, 1])]).effects)).toEqual([]);
  });

  test('later lists are additions: what was started stays as it is', () => {
    expect(starts(run([INITIALISED, listed([2, 0], [2, 0]), listed([2, 0], [9, 0])]).effects)).toEqual(['2/0 of 77', '9/0 of 77']);
  });

  test('a list before INIT is a gap, told once, and starts nothing', () => {
    const { effects } = run([listed([2, 0]), listed([2, 0])]);
    expect(starts(effects)).toEqual([]);
    expect(gaps(effects)).toEqual(['main:channels:early']);
  });

  test('a type that is not handled is named once, however many of it there are', () => {
    const { effects } = run([INITIALISED, listed([8, 0], [8, 1], [7, 0]), listed([8, 0], [8, 2])]);
    expect(starts(effects)).toEqual([]);
    expect(gaps(effects)).toEqual(['main:channel:smartcard', 'main:channel:channel7']);
  });

  test('past the limit nothing is started, and that is told once', () => {
    const many = Array.from({ length: 200 }, (_, id) => [9, id] as const);
    const { effects } = run([INITIALISED, listed(...many), listed([9, 250])]);
    expect(starts(effects)).toHaveLength(sessionChannelsMax - 1);
    expect(gaps(effects)).toEqual(['main:channels:tooMany']);
  });
});

describe('what the user wants', () => {
  const offered = listed([2, 0], [2, 1], [3, 0]);
  test.each([
    ['a filter by name', { filter: new Set(['display']), disabled: new Set<string>() }, ['2/0 of 77', '2/1 of 77']],
    ['a filter by id', { filter: new Set(['display/1']), disabled: new Set<string>() }, ['2/1 of 77']],
    ['a forbidden name', { filter: null, disabled: new Set(['display']) }, ['3/0 of 77']],
    ['a forbidden id goes before a filter', { filter: new Set(['display']), disabled: new Set(['display/0']) }, ['2/1 of 77']],
    ['nothing but main', { filter: new Set(['main']), disabled: new Set<string>() }, []],
  ])('%s', (_name, choice, expected) => {
    expect(starts(run([INITIALISED, offered], choice).effects)).toEqual(expected);
  });

  test('an unwanted channel of a type that is not handled is no gap', () => {
    expect(gaps(run([INITIALISED, listed([8, 0])], { filter: new Set(['display']), disabled: new Set() }).effects)).toEqual([]);
  });
});

describe('the end', () => {
  const cause = { kind: 'fin', message: 'closed', code: null } as const;
  test('main that never linked is a failed connect', () => {
    const failure = { kind: 'noEndpoint', wanted: 'plain' } as const;
    expect(run([{ kind: 'linkFailed', failure }]).effects).toEqual([{ kind: 'end', end: { kind: 'connectFailed', failure } }]);
  });

  test('main that was lost ends the session, with the reason that the server gave before', () => {
    const { state, effects } = run([INITIALISED, { kind: 'serverDisconnecting', reason: 7 }, { kind: 'connectionLost', cause }]);
    expect(effects).toEqual([{ kind: 'end', end: { kind: 'mainLost', cause, serverReason: 7 } }]);
    expect(state.end).toEqual({ kind: 'mainLost', cause, serverReason: 7 });
  });

  test('after it nothing starts and nothing ends again', () => {
    const { effects } = run([INITIALISED, { kind: 'connectionLost', cause }, listed([2, 0]), { kind: 'connectionLost', cause }]);
    expect(effects).toHaveLength(1);
  });

  test('a secondary channel ends nothing and starts nothing', () => {
    for (const event of [{ kind: 'connectionLost', cause } as const, INITIALISED, listed([2, 0])]) {
      expect(run([event], ALL, 'display/0')).toEqual({ state: initialSession, effects: [] });
    }
  });
});

test('the agent is there from its coming to its going', () => {
  expect(run([{ kind: 'agentChanged', connected: true }]).state.agentConnected).toBe(true);
  expect(run([{ kind: 'agentChanged', connected: true }, { kind: 'agentChanged', connected: false }]).state.agentConnected).toBe(false);
});

test('name and uuid of the guest are kept', () => {
  expect(run([{ kind: 'serverNamed', name: 'vm' }, { kind: 'serverIdentified', uuid: 'u' }]).state).toMatchObject({ serverName: 'vm', serverUuid: 'u' });
});
