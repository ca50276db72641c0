import { describe, expect, test } from 'vitest';
import { runProgram } from '#app/cli/arguments.js';
import type { Actions } from '#app/cli/arguments.js';
import type { ExitName } from '#app/cli/exit-codes.js';
import { noActions } from '../../support/program-actions.ts';

async function run(argv: string[], exit: ExitName = 'ok') {
  const called: { command: string; options: unknown }[] = [];
  const remember = (command: string) => async (options: unknown) => {
    called.push({ command, options });
    return exit;
  };
  const actions: Actions = { ...noActions, connect: remember('connect'), doctor: remember('doctor'), demo: remember('demo'), serve: remember('serve'), vvCheck: remember('vv check'), inspect: remember('inspect'), list: remember('list'), control: async (command, choice) => remember('control')({ ...command, choice }), tree: () => 'root', version: () => 'ryll-actors 1.2.3 (abc-dirty)' };
  let out = '';
  let error = '';
  const code = await runProgram(argv, actions, { out: (text) => (out += text), error: (text) => (error += text) });
  return { code, called, out, error };
}

describe('the command line', () => {
  test('of connect with every option reaches the action, typed', async () => {
    const { code, called } = await run([
      'connect', '--direct', 'a:1', '--keep-file', '--password-file', 'p', '--proxy', 'socks5://h:1', '--proxy-password-file', 'q', '--ca-file', 'ca.pem', '--host-subject', 'CN=a', '--headless', '--duration', '1.5', '--screenshot', 'x.PNG',
      '--capture', 'd', '--stats-json', '-', '--control-socket', '/run/c', '--single-client', '--metrics', '127.0.0.1:9100', '--latency-file', 'l.csv', '--cadence', '--cadence-every', '0.5', '--cadence-press', 'button', '--audio-file', 'x.wav', '--audio-device', 'pw-cat', '--volume', '37', '--mute', '--single-thread', '--channels', 'main,Display/1,main', '--monitors', '2', '--retry-initial', '--ticket-command', 'ask', '-vv',
    ]);
    expect(code).toBe(0);
    expect(called).toEqual([
      {
        command: 'connect',
        options: {
          direct: 'a:1', keepFile: true, passwordFile: 'p', proxy: 'socks5://h:1', proxyPasswordFile: 'q', caFile: 'ca.pem', hostSubject: 'CN=a', headless: true, duration: 1.5, screenshot: 'x.PNG', capture: 'd', statsJson: '-',
          controlSocket: '/run/c', singleClient: true, metrics: { kind: 'tcp', host: '127.0.0.1', port: 9_100 }, latencyFile: 'l.csv', cadence: true, cadenceEvery: 0.5, cadencePress: 'button', audioFile: 'x.wav', audioDevice: 'pw-cat', volume: 37, mute: true, singleThread: true, channels: ['main', 'display/1'], monitors: 2, verbose: 2,
          reconnect: true, reports: true, video: true, retryInitial: true, ticketCommand: 'ask',
        },
      },
    ]);
  });

  test.each([
    [['key', 'esc', 'ctrl-alt-del'], { kind: 'key', chords: ['esc', 'ctrl-alt-del'], state: 'press', choice: {} }],
    [['type', 'a b', '--enter', '--delay', '0', '--session', 'vm'], { kind: 'type', text: 'a b', enter: true, delayMs: 0, choice: { session: 'vm' } }],
    [['click', '10', '20', '--button', 'right', '--count', '2', '--socket', '/run/c'], { kind: 'click', x: 10, y: 20, button: 'right', count: 2, display: 0, choice: { socket: '/run/c' } }],
    [['move', '--by', '--', '-5', '7'], { kind: 'move', x: -5, y: 7, display: 0, relative: true, choice: {} }],
    [['scroll', 'down', '3'], { kind: 'scroll', direction: 'down', steps: 3, choice: {} }],
    [['screenshot', '-', '--region', '0,1,2,3', '--display', '1'], { kind: 'screenshot', file: '-', display: 1, region: { left: 0, top: 1, right: 2, bottom: 3 }, choice: {} }],
    [['wait', 'stable', '--quiet', '1.5'], { kind: 'wait', wait: { kind: 'stable', quietSeconds: 1.5 }, timeoutSeconds: 10, choice: {} }],
    [['wait', 'image', 'a.png', '--tolerance', '8', '--differing', '0.01', '--timeout', '60'], { kind: 'wait', wait: { kind: 'image', file: 'a.png', tolerance: 8, differing: 0.01 }, timeoutSeconds: 60, choice: {} }],
    [['wait', 'cursor', '--hidden', '--region', '0,0,9,9'], { kind: 'wait', wait: { kind: 'cursor', visible: false, changed: false }, timeoutSeconds: 10, region: { left: 0, top: 0, right: 9, bottom: 9 }, choice: {} }],
    [['wait', 'agent', '--gone'], { kind: 'wait', wait: { kind: 'agent', connected: false }, timeoutSeconds: 10, choice: {} }],
    [['wait', 'event', 'notification'], { kind: 'wait', wait: { kind: 'event', event: 'notification' }, timeoutSeconds: 10, choice: {} }],
    [['status', '--json'], { kind: 'status', json: true, choice: {} }],
    [['events', 'traffic', 'latency'], { kind: 'events', events: ['traffic', 'latency'], choice: {} }],
  ])('of %j is asked of a session', async (argv, options) => {
    expect(await run(argv)).toMatchObject({ code: 0, called: [{ command: 'control', options }] });
  });

  test('of tree prints what the action gives', async () => {
    expect(await run(['tree'])).toMatchObject({ code: 0, out: 'root\n', called: [] });
  });

  test('of connect with a source alone has every default', async () => {
    const { called } = await run(['connect', 'console.vv']);
    expect(called).toEqual([{ command: 'connect', options: { source: 'console.vv', headless: false, singleClient: false, mute: false, singleThread: false, monitors: 1, reconnect: true, reports: true, video: true, retryInitial: false, verbose: 0 } }]);
  });

  test('of connect that is not to reconnect says so', async () => {
    expect((await run(['connect', 'console.vv', '--no-reconnect'])).called).toMatchObject([{ options: { reconnect: false } }]);
  });

  test('takes standard input as a source', async () => {
    expect((await run(['connect', '-'])).called).toMatchObject([{ options: { source: '-' } }]);
  });

  test.each<[string[], string, unknown]>([
    [['doctor', '--capture', 'd'], 'doctor', { capture: 'd' }],
    [['vv', 'check', 'a.vv'], 'vv check', { file: 'a.vv', json: false }],
    [['vv', 'check', '-', '--json'], 'vv check', { file: '-', json: true }],
    [['demo', '--duration', '3'], 'demo', { headless: false, duration: 3, scene: 'default', singleThread: false }],
    [['serve', '--port', '0', '--tls-port', '5901', '--tls-cert', 'c.pem', '--tls-key', 'k.pem', '--unix', '/s', '--password', 'x', '--scene', 'still', '--compression', 'quic'], 'serve', { port: 0, tlsPort: 5901, tlsCert: 'c.pem', tlsKey: 'k.pem', unix: '/s', password: 'x', scene: 'still', compression: 'quic', untilStdinEnds: false }],
    [['serve', '--port', '1', '--secure-channels', 'main,inputs', '--ping-interval', '5', '--stop-at', '7', '--until-stdin-ends'], 'serve', { port: 1, scene: 'default', compression: 'auto', secureChannels: ['main', 'inputs'], pingInterval: 5, stopAt: 7, untilStdinEnds: true }],
  ])('%j reaches its action', async (argv, command, options) => {
    expect((await run(argv)).called).toEqual([{ command, options }]);
  });

  test.each<[string[], RegExp]>([
    [[], /Usage: ryll-actors/],
    [['conect'], /unknown command 'conect'/],
    [['connect'], /no server was named/],
    [['connect', 'a.vv', '--file', 'b.vv'], /not several/],
    [['connect', 'a.vv', 'b.vv'], /too many arguments/],
    [['connect', 'a.vv', '--single-client', '--no-control-socket'], /control socket, which --no-control-socket turns off/],
    [['connect', 'a.vv', '--detach', '--no-control-socket'], /has nothing but its control socket/],
    [['connect', '-', '--detach'], /no standard input/],
    [['connect', 'a.vv', '--name', '../x'], /must be at most 40 letters/],
    [['status', '--socket', 'a', '--session', 'b'], /give one of --socket and --session/],
    [['click', '1'], /missing required argument 'y'/],
    [['click', 'x', '1'], /whole number of pixels/],
    [['scroll', 'left'], /must be up or down/],
    [['screenshot', 'x.png', '--region', '5,5,5,9'], /has no area/],
    [['screenshot', 'x.png', '--region', '1,2,3'], /LEFT,TOP,RIGHT,BOTTOM/],
    [['wait', 'image'], /missing required argument 'file'/],
    [['wait', 'stable', '--timeout', '601'], /from 0 to 600/],
    [['wait', 'cursor', '--visible', '--hidden'], /give one of --visible and --hidden/],
    [['type', 'x', '--delay', '-1'], /from 0 to 10000/],
    [['connect', 'a.vv', '--capture-format', 'pcap'], /--capture, which is missing/],
    [['connect', 'a.vv', '--intimate'], /--capture, which is missing/],
    [['connect', 'a.vv', '--capture', 'd', '--capture-format', 'zip'], /Allowed choices are pcapng, pcap/],
    [['connect', 'a.vv', '--metrics', '0.0.0.0:9100'], /this machine only/],
    [['connect', 'a.vv', '--cadence-every', '1'], /--cadence, which is missing/],
    [['connect', 'a.vv', '--cadence', '--cadence-every', '0'], /seconds from 0.1/],
    [['connect', 'a.vv', '--no-reconnect', '--retry-initial'], /which --no-reconnect turns off/],
    [['connect', 'a.vv', '--ticket-command', 'x', '--no-reconnect'], /which --no-reconnect turns off/],
    [['connect', 'a.vv', '--password', 'x'], /unknown option '--password'/],
    [['connect', 'a.vv', '--duration', '0'], /seconds above 0/],
    [['connect', 'a.vv', '--duration', 'ten'], /seconds above 0/],
    [['connect', 'a.vv', '--monitors', '17'], /1 to 16/],
    [['connect', 'a.vv', '--channels', 'main,screen'], /"screen" is not a channel/],
    [['connect', 'a.vv', '--screenshot', 'x.jpg'], /\.png/],
    [['connect', 'a.vv', '--audio-file', 'x.mp3'], /\.wav/],
    [['connect', 'a.vv', '--audio-device', 'mplayer'], /auto, pacat, aplay, pw-cat/],
    [['connect', 'a.vv', '--audio-file', 'x.wav', '--volume', '101'], /0 to 100/],
    [['connect', 'a.vv', '--audio-file', 'x.wav', '--volume', '-1'], /0 to 100/],
    [['connect', 'a.vv', '--mute'], /--audio-file and --audio-device, which are missing/],
    [['connect', 'a.vv', '--volume', '37'], /--audio-file and --audio-device, which are missing/],
    [['connect', '--file'], /argument missing/],
    [['doctor', 'x'], /too many arguments/],
    [['serve'], /at least one of --port/],
    [['serve', '--port', '70000'], /0 to 65535/],
    [['serve', '--tls-port', '0'], /--tls-cert and --tls-key/],
    [['serve', '--port', '0', '--secure-channels', 'main/0'], /leave out the id/],
    [['serve', '--port', '0', '--ping-interval', '0'], /whole number from 1/],
  ])('%j is a usage error that says why, on the error output alone', async (argv, message) => {
    const { code, called, out, error } = await run(argv);
    expect(code).toBe(2);
    expect(called).toEqual([]);
    expect(error).toMatch(message);
    expect(out).toBe('');
  });

  test.each([[['--help']], [['connect', '--help']], [['help', 'serve']]])('%j shows help with examples and exits with 0', async (argv) => {
    const { code, out, error } = await run(argv);
    expect(code).toBe(0);
    expect(out).toMatch(/Usage: ryll-actors/);
    expect(out).toMatch(/Examples?:\n {2}ryll-actors/);
    expect(error).toBe('');
  });

  test('--version prints one line, however it is spelt', async () => {
    for (const flag of ['--version', '-V']) expect(await run([flag])).toEqual({ code: 0, called: [], out: 'ryll-actors 1.2.3 (abc-dirty)\n', error: '' });
  });

  test("ends with the exit code that the action names, and lets the action's own exception through", async () => {
    expect((await run(['connect', 'a.vv'], 'authFailed')).code).toBe(6);
    const broken: Actions = { ...noActions, connect: async () => Promise.reject(new Error('a bug')) };
    await expect(runProgram(['connect', 'a.vv'], broken, { out() {}, error() {} })).rejects.toThrow('a bug');
  });
});
