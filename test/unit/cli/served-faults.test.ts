import { expect, test } from 'vitest';
import { runProgram, type Actions, type ServeOptions } from '#app/cli/arguments.js';
import { parseServedFault } from '#app/cli/served-faults.js';
import type { LoopbackFault } from '#app/loopback/fault-script.js';
import { noActions } from '../../support/program-actions.ts';

const once = { first: 1, last: 1 };
const display = { channelType: 2, channelId: null };

test.each<[string, LoopbackFault]>([
  ['display:spin@3s', { ...display, action: { kind: 'spin' }, moment: { kind: 'time', ms: 3_000 }, links: once }],
  ['display/1:fin@1.5s', { ...display, channelId: 1, action: { kind: 'fin' }, moment: { kind: 'time', ms: 1_500 }, links: once }],
  ['display:rst', { ...display, action: { kind: 'rst' }, moment: { kind: 'time', ms: 0 }, links: once }],
  ['*:idle=60s/rstxall', { channelType: null, channelId: null, action: { kind: 'idle', ms: 60_000, cut: 'rst' }, moment: { kind: 'time', ms: 0 }, links: { first: 1, last: Infinity } }],
  ['display:split@link', { ...display, action: { kind: 'split', bytes: 1 }, moment: { kind: 'link' }, links: once }],
  ['display:split=7@message:12x3', { ...display, action: { kind: 'split', bytes: 7 }, moment: { kind: 'message', number: 12 }, links: { first: 1, last: 3 } }],
  ['display:delay=200ms@ticket', { ...display, action: { kind: 'delay', ms: 200 }, moment: { kind: 'ticket' }, links: once }],
  ['display:refuse=permissionDenied', { ...display, action: { kind: 'refuse', code: 7 }, moment: { kind: 'ticket' }, links: once }],
  ['display:refuse=needSecured', { ...display, action: { kind: 'refuse', code: 5 }, moment: { kind: 'link' }, links: once }],
  ['display:refuse=4711@ticketx2-all', { ...display, action: { kind: 'refuse', code: 4711 }, moment: { kind: 'ticket' }, links: { first: 2, last: Infinity } }],
  ['display:duplicatex2-3', { ...display, action: { kind: 'duplicate' }, moment: { kind: 'ticket' }, links: { first: 2, last: 3 } }],
  ['display:message=304/0aFF@2s', { ...display, action: { kind: 'message', type: 304, body: Uint8Array.of(10, 255) }, moment: { kind: 'time', ms: 2_000 }, links: once }],
])('%s is a fault', (text, fault) => {
  expect(parseServedFault(text)).toEqual(fault);
});

test.each([
  ['', 'is not CHANNEL:FAULT@MOMENT'], ['fin@3s', 'is not CHANNEL:FAULT@MOMENT'], ['display/0:fin@-3s', 'is not CHANNEL:FAULT@MOMENT'],
  ['screen:fin@3s', '"screen" is not a channel; channels are main, display'], ['hub:fin', 'is not a channel'],
  ['display:toString@3s', '"toString" is not a fault of the server; faults are stopReading'], ['display:throw@3s', 'is not a fault of the server'],
  ['display:fin@later', '"later" is not a moment'], ['display:fin@3601s', 'more than an hour'], ['display:fin@message:0', 'counted from 1'],
  ['display:fin=3', 'fin takes no value'], ['display:delay', 'delay=TIME'], ['display:split=0', 'split=BYTES'], ['display:idle=60', 'idle=TIME'], ['display:idle=60s/cut', 'idle=TIME'],
  ['display:refuse=ok', 'refuse=ERROR'], ['display:refuse=0', 'refuse=ERROR'], ['display:refuse=error@3s', 'not later'],
  ['display:duplicate@3s', '@ticket'], ['display:message=4@link', 'no messages before'], ['display:stopPings@ticket', 'no messages before'], ['display:oversize@ticket', 'has no header'],
  ['display:message=70000', 'message=TYPE/HEX'], ['display:message=4/0', 'message=TYPE/HEX'], ['display:finx0', 'counted from 1'], ['display:finx3-2', 'counted from 1'],
])('"%s" is refused: %s', (text, why) => {
  expect(parseServedFault(text)).toContain(why);
});

test('serve takes faults and the life of its ticket, and says what is wrong with a fault', async () => {
  const serve = async (...more: string[]): Promise<{ code: number; error: string; options: ServeOptions | null }> => {
    let error = '';
    let options: ServeOptions | null = null;
    const actions: Actions = { ...noActions, serve: (given: ServeOptions) => ((options = given), Promise.resolve('ok')) };
    const code = await runProgram(['serve', '--port', '0', ...more], actions, { out: () => undefined, error: (text) => (error += text) });
    return { code, error, options };
  };
  expect(await serve('--fault', 'main:fin@1s', '--fault', 'cursor:rst', '--ticket-uses', '1', '--ticket-lifetime', '2.5', '--check-interval', '500')).toMatchObject({
    code: 0, options: { fault: [parseServedFault('main:fin@1s'), parseServedFault('cursor:rst')], ticketUses: 1, ticketLifetime: 2.5, checkInterval: 500 },
  });
  expect(await serve('--fault', 'main:sing')).toMatchObject({ code: 2, error: expect.stringContaining('"sing" is not a fault of the server; faults are stopReading'), options: null });
});
