/**
 * The command line: commands, options, help and usage errors, as one program that is given its actions. It runs nothing itself and never ends the process, so
 * tests and the composition root use it alike; `runProgram` turns what happened into an exit code.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { playerChoices, type PlayerChoice } from '../actors/audio-players.ts';
import { captureFormats, type CaptureFormatName } from '../capture/packet-format.ts';
import { ChannelType } from '../protocol/constants.ts';
import { addControlCommands, type ControlActions } from './control-arguments.ts';
import { displayOptions, type DisplayOptions } from './display-options.ts';
import { exitCodeOf } from './exit-codes.ts';
import type { ExitName } from './exit-codes.ts';
import { FAULTS_VARIABLE, parseInjectedFault, type InjectedFault } from './injected-faults.ts';
import { addExplainCommand, addReadingCommands, type ReadingActions } from './reading-arguments.ts';
import { addReportOptions, reportFlagsProblem, type ReportFlags } from './report-arguments.ts';
import { parseServedFault, servedFaultHelp } from './served-faults.ts';
import type { SourceOptions } from './connection-source.ts';
import { metricsOptions, metricsOptionsFault, type MetricsOptions } from './metrics-options.ts';
import { videoFlagsFault, videoOptions, type VideoFlags } from './video-options.ts';
import { sceneNames, type SceneName } from '../loopback/channels/display-server.ts';
import type { LoopbackFault } from '../loopback/fault-script.ts';
import { isSessionName } from '../client/session-sockets.ts';
import { compressions, type Compression } from '../loopback/image-sender.ts';

/** The most guest monitors that can be asked for: what QXL devices offer at most. */
const MONITORS_MAX = 16;

export interface ConnectOptions extends SourceOptions, ReportFlags, MetricsOptions, DisplayOptions, VideoFlags {
  readonly passwordFile?: string;
  /** A proxy's URI, or `none`; absent = what the connection file says. */
  readonly proxy?: string;
  readonly proxyPasswordFile?: string;
  readonly headless: boolean;
  /** Seconds after which the session is closed; absent = until it ends. */
  readonly duration?: number;
  /** A .png file. */
  readonly screenshot?: string;
  /** A .png file: white where only operations drew that are honoured in full. */
  readonly coverageMask?: string;
  /** A folder. */
  readonly capture?: string;
  /** A file that the keys of TLS connections are added to. */
  readonly tlsKeylog?: string;
  /** With `capture`: key codes and pointer positions in its input log. */
  readonly intimate?: boolean;
  /** Absent = pcapng. */
  readonly captureFormat?: CaptureFormatName;
  /** A file, or `-` for standard output. */
  readonly statsJson?: string;
  /** A socket path; absent = the private one, false = none. */
  readonly controlSocket?: string | false;
  /** In a process of its own, which this one does not wait for. */
  readonly detach?: boolean;
  /** What the session is called; absent = by its process's number. */
  readonly name?: string;
  /** The control socket serves one client at a time. */
  readonly singleClient: boolean;
  /** A .wav file that is not there yet. */
  readonly audioFile?: string;
  readonly audioDevice?: PlayerChoice;
  /** Percent, 0 to 100; absent = 100. */
  readonly volume?: number;
  readonly mute: boolean;
  readonly singleThread: boolean;
  /** Channel names (`display`) and ids (`display/1`); absent = all. */
  readonly channels?: readonly string[];
  readonly monitors: number;
  /** False = a session that is lost is over. */
  readonly reconnect: boolean;
  readonly retryInitial: boolean;
  /** A command for the system's shell. */
  readonly ticketCommand?: string;
  /** Seconds; absent = 5. */
  readonly frozenAfter?: number;
  /** Seconds without traffic; 0 = never, absent = 10. */
  readonly keepaliveAfter?: number;
  /** For tests of this program only. */
  readonly inject?: readonly InjectedFault[];
  /** How often `-v` was given. */
  readonly verbose: number;
}

export interface ServeOptions {
  /** 0 = any free port; absent = no such listener. */
  readonly port?: number;
  readonly tlsPort?: number;
  /** A socket path. */
  readonly unix?: string;
  /** The ticket that clients must give; absent = none is needed. */
  readonly password?: string;
  readonly scene: SceneName;
  readonly compression: Compression;
  /** PEM files of the TLS listener. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  /** Channel types that are refused on plain connections. */
  readonly secureChannels?: readonly string[];
  /** Milliseconds between two PINGs on main and display; absent = as rarely as the real server. */
  readonly pingInterval?: number;
  /** The picture at which the scene stops moving; absent = never. */
  readonly stopAt?: number;
  /** Milliseconds between two looks of the connectivity check; absent = as the real server. */
  readonly checkInterval?: number;
  /** Seconds until the ticket expires; absent = never. */
  readonly ticketLifetime?: number;
  /** How often each channel may be linked with the ticket; absent = as often as it likes. */
  readonly ticketUses?: number;
  readonly fault?: readonly LoopbackFault[];
  readonly untilStdinEnds: boolean;
}

export interface DemoOptions {
  readonly headless: boolean;
  readonly duration?: number;
  readonly scene: SceneName;
  readonly singleThread: boolean;
}

export interface DoctorCommandOptions {
  readonly capture?: string;
}

export interface VvCheckOptions {
  /** A path, or `-` for standard input. */
  readonly file: string;
  readonly json: boolean;
}

/** What each command does; the answer is how it ended. */
export interface Actions extends ReadingActions, ControlActions {
  connect(options: ConnectOptions): Promise<ExitName>;
  doctor(options: DoctorCommandOptions): Promise<ExitName>;
  demo(options: DemoOptions): Promise<ExitName>;
  serve(options: ServeOptions): Promise<ExitName>;
  vvCheck(options: VvCheckOptions): Promise<ExitName>;
  /** The session's supervision tree, for people. */
  tree(): string;
  /** The line that `--version` prints. */
  version(): string;
}

export interface ProgramOutput {
  out(text: string): void;
  error(text: string): void;
}

/** Where help tells of the exit codes, for scripts. */
const EXIT_HELP = '\nExit codes: 0 success, 2 usage, 3 bad source, 4 not reached, 5 TLS, 6 ticket, 8 main channel lost; all in docs/exit-codes.md.';

/**
 * Parses and runs.
 * @param argv the arguments alone, without node and script.
 * @returns the process's exit code; an action's own exception is not caught.
 */
export async function runProgram(argv: readonly string[], actions: Actions, output: ProgramOutput): Promise<number> {
  let exit: ExitName = 'ok';
  const program = buildProgram(actions, output, (name) => {
    exit = name;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCodeOf(exit);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // commander also uses this way out after help and version, with 0.
    return exitCodeOf(error.exitCode === 0 ? 'ok' : 'usage');
  }
}

/** @param finished is told how the action ended. */
function buildProgram(actions: Actions, output: ProgramOutput, finished: (exit: ExitName) => void): Command {
  const program = new Command('ryll-actors');
  program
    .description('A SPICE client built of actors: each channel on a thread of its own, every failure explained.')
    .configureOutput({ writeOut: (text) => output.out(text), writeErr: (text) => output.error(text) })
    .exitOverride()
    .showHelpAfterError('(--help says what is possible)')
    .option('-V, --version', 'print version and commit')
    .addHelpText(
      'after',
      `
Examples:
  ryll-actors connect console.vv
  ryll-actors connect vm.example:5900:5901 --ca-file ca.pem
  ryll-actors connect --direct [::1]:5900 --headless --duration 10 --screenshot vm.png
  ryll-actors vv check console.vv
  ryll-actors demo
  ryll-actors doctor
${EXIT_HELP}`,
    )
    .on('option:version', () => {
      output.out(`${actions.version()}\n`);
      // The way out that commander takes after its own version option.
      throw new CommanderError(0, 'commander.version', actions.version());
    });
  addConnect(program, actions, finished);
  addDoctor(program, actions, finished);
  addDemo(program, actions, finished);
  addServe(program, actions, finished);
  addVv(program, actions, finished);
  addReadingCommands(program, actions, finished);
  addExplainCommand(program, actions, finished);
  addTree(program, actions, output);
  addControlCommands(program, actions, finished);
  return program;
}

function addConnect(program: Command, actions: Actions, finished: (exit: ExitName) => void): void {
  addReportOptions(program.command('connect'))
    .description('connect to a SPICE server')
    .argument('[source]', 'a .vv file, - for standard input, HOST:PORT[:TLS_PORT], a spice:// address or an http(s):// URL')
    .option('--direct <address>', 'HOST:PORT[:TLS_PORT]; IPv6 in brackets; HOST::TLS_PORT for TLS alone')
    .option('--file <path>', 'a connection file (.vv), - for standard input')
    .option('--url <url>', 'fetch a connection file')
    .option('--keep-file', 'leave a connection file where it is, also when it asks to be deleted')
    .option('--password-file <path>', 'read the ticket from a file; otherwise RYLL_PASSWORD, the connection file, or a question')
    .option('--ca-file <path>', 'trust only this CA (PEM)')
    .option('--host-subject <subject>', 'the exact subject of the certificate, in place of the host name')
    .option('--proxy <uri>', 'http://, https:// or socks5:// [USER@]HOST:PORT, for every channel; none = not even the connection file\'s')
    .option('--proxy-password-file <path>', 'read the proxy\'s password from a file; otherwise RYLL_PROXY_PASSWORD, or the connection file')
    .option('--headless', 'no dashboard, plain lines', false)
    .option('--duration <seconds>', 'close the session after this time', parseSeconds)
    .option('--screenshot <file>', 'write the picture to a PNG file when the session ends', parsePngPath)
    .option('--capture <folder>', 'write all traffic to capture files that Wireshark reads, decrypted, and the screen to video files')
    .option('--tls-keylog <file>', 'add the keys of TLS connections to this file, for Wireshark: whoever has it can read the recorded traffic')
    .addOption(new Option('--capture-format <format>', 'their format; pcap is the older one, without names and comments (default: pcapng)').choices(captureFormats))
    .option('--intimate', 'with --capture: key codes and pointer positions in its input log, passwords that are typed included')
    .option('--no-video', 'with --capture: no video files')
    .addOption(videoOptions.codec())
    .addOption(videoOptions.framesPerSecond())
    .option('--coverage-mask <file>', 'with --screenshot, for conformance tests: a PNG that is white where every pixel was drawn by supported operations', parsePngPath)
    .option('--stats-json <file>', 'write statistics as JSON when the session ends, - for standard output')
    .option('--control-socket <path>', 'serve scripts on this unix socket, for its owner only, in place of the private one that `list` finds')
    .option('--no-control-socket', 'serve no scripts')
    .option('--detach', 'go on in the background once the session is up; `disconnect` ends it')
    .option('--name <name>', 'what `list` and --session call this session (default: its process\'s number)', parseSessionName)
    .option('--single-client', 'one client of the control socket at a time, others are told busy', false)
    .addOption(metricsOptions.metrics())
    .addOption(metricsOptions.latencyFile())
    .addOption(metricsOptions.cadence())
    .addOption(metricsOptions.cadenceEvery())
    .addOption(metricsOptions.cadencePress())
    .addOption(new Option('--audio-file <file.wav>', 'write the sound of the session; the file must not exist').argParser(parseWavPath))
    .addOption(new Option('--audio-device <player>', 'play the sound through a program of this machine; auto takes the best that is here').choices(playerChoices))
    .option('--volume <percent>', 'volume of the sound, 0 to 100 (default: 100)', parseVolume)
    .option('--mute', 'begin muted: the sound is silence, as long as it is', false)
    .option('--single-thread', 'run all actors on the main thread, for diagnosis', false)
    .addOption(new Option('--channels <list>', 'link only these, as in main,display/0,inputs').argParser(parseChannels))
    .addOption(displayOptions.preferredCompression())
    .addOption(displayOptions.preferredVideoCodec())
    .addOption(displayOptions.imageCacheCap())
    .addOption(displayOptions.glzDictionaryCap())
    .option('--monitors <count>', 'ask the guest for this many monitors', parseMonitors, 1)
    .option('--keepalive-after <seconds>', 'give a connection without traffic a sign of life after so long, so that proxies keep it; 0 = never (default: 10)', parseKeepaliveAfter)
    .option('--no-reconnect', 'end when the session is lost, in place of up to three attempts to have a new one')
    .option('--retry-initial', 'retry also the first connection, as a lost one', false)
    .option('--ticket-command <command>', 'before an attempt, ask this program for a fresh connection file or ticket')
    .option('--frozen-after <seconds>', 'end and restart an actor that is silent for so long with work waiting (default: 5)', parseFrozenAfter)
    .addOption(
      new Option('--inject <fault>', `for tests, repeatable, as in display/0:spin@3s; only with ${FAULTS_VARIABLE}=1`)
        .argParser(parseInject)
        .hideHelp(process.env[FAULTS_VARIABLE] !== '1'),
    )
    .option('-v, --verbose', 'say more; twice says everything', (_: string, count: number) => count + 1, 0)
    .addHelpText(
      'after',
      `
The password is never an option of its own, because others can see command lines. It comes from
--password-file, the variable RYLL_PASSWORD, the connection file or address, or a question on
the terminal, in this order.

Examples:
  ryll-actors connect console.vv
  curl -s https://portal.example/vm/7/console | ryll-actors connect -
  ryll-actors connect spice+unix:///run/vm.sock
  RYLL_PASSWORD=secret ryll-actors connect spice://vm.example:5900?tls-port=5901 --ca-file ca.pem
  RYLL_PROXY_PASSWORD=secret ryll-actors connect vm.example:5900 --proxy socks5://me@proxy.example:1080
  ryll-actors connect vm.example:5900 --headless --duration 5 --screenshot vm.png --stats-json -
${EXIT_HELP}`,
    )
    .action(async (source: string | undefined, given: Omit<ConnectOptions, 'source'>, command: Command) => {
      const options: ConnectOptions = source === undefined ? given : { ...given, source };
      const named = [options.source, options.direct, options.file, options.url].filter((one) => one !== undefined);
      if (named.length !== 1) command.error(named.length === 0 ? 'error: no server was named: give a SOURCE, --direct, --file or --url' : 'error: give one of SOURCE, --direct, --file and --url, not several');
      if (!options.reconnect && (options.retryInitial || options.ticketCommand !== undefined)) command.error('error: --retry-initial and --ticket-command are about reconnecting, which --no-reconnect turns off');
      const videoFault = videoFlagsFault(options);
      if (videoFault !== null) command.error(`error: ${videoFault}`);
      if (options.captureFormat !== undefined && options.capture === undefined) command.error('error: --capture-format is about the files of --capture, which is missing');
      if (options.intimate === true && options.capture === undefined) command.error('error: --intimate is about the input log of --capture, which is missing');
      if (options.detach === true && options.controlSocket === false) command.error('error: a session in the background has nothing but its control socket, which --no-control-socket turns off');
      if (options.detach === true && (options.source === '-' || options.file === '-')) command.error('error: a session in the background has no standard input to read the connection file from');
      if (options.singleClient && options.controlSocket === false) command.error('error: --single-client is about the clients of the control socket, which --no-control-socket turns off');
      const metricsFault = metricsOptionsFault(options);
      if (metricsFault !== null) command.error(`error: ${metricsFault}`);
      if ((options.mute || options.volume !== undefined) && options.audioFile === undefined && options.audioDevice === undefined) {
        command.error('error: --volume and --mute are about the sound of --audio-file and --audio-device, which are missing');
      }
      const problem = reportFlagsProblem(options);
      if (problem !== null) command.error(problem);
      finished(await actions.connect(options));
    });
}

function addDoctor(program: Command, actions: Actions, finished: (exit: ExitName) => void): void {
  program
    .command('doctor')
    .description('check what this machine offers to the client')
    .option('--capture <folder>', 'also check that captures can be written there')
    .addHelpText('after', '\nExit codes: 0 nothing is missing, 1 a problem was found.')
    .action(async (options: DoctorCommandOptions) => finished(await actions.doctor(options)));
}

function addDemo(program: Command, actions: Actions, finished: (exit: ExitName) => void): void {
  program
    .command('demo')
    .description('start the built-in server and connect to it: no other machine is needed')
    .option('--headless', 'no dashboard, plain lines', false)
    .option('--duration <seconds>', 'end after this time', parseSeconds)
    .addOption(new Option('--scene <name>', 'what the server draws').choices(sceneNames).default('default'))
    .option('--single-thread', 'run all actors on the main thread, for diagnosis', false)
    .action(async (options: DemoOptions) => finished(await actions.demo(options)));
}

function addServe(program: Command, actions: Actions, finished: (exit: ExitName) => void): void {
  program
    .command('serve')
    .description('run the built-in SPICE server, for tests of clients and proxies')
    .option('--port <port>', 'listen for plain connections, 0 for any free port', parsePort)
    .option('--tls-port <port>', 'listen for TLS connections, 0 for any free port', parsePort)
    .option('--unix <path>', 'listen on a unix socket')
    .option('--tls-cert <file>', 'the certificate of the TLS listener (PEM)')
    .option('--tls-key <file>', 'its private key (PEM)')
    .addOption(new Option('--compression <name>', 'how pictures are sent').choices(compressions).default('auto'))
    .option('--password <ticket>', 'the ticket that clients must give: a test value, visible to others on this machine')
    .addOption(new Option('--scene <name>', 'what the server draws').choices(sceneNames).default('default'))
    .addOption(new Option('--secure-channels <list>', 'refuse these on plain connections, as in main,inputs').argParser(parseChannelTypes))
    .option('--ping-interval <ms>', 'milliseconds between two PINGs on main and display (default: 15000, as the real server)', parseCount)
    .option('--check-interval <ms>', 'milliseconds between two looks whether the client answers at all (default: 30000, as the real server)', parseCount)
    .option('--ticket-lifetime <seconds>', 'refuse the ticket from this long after the start on', parseSeconds)
    .option('--ticket-uses <count>', 'refuse the ticket after each channel was linked so often with it, 1 = a ticket for a single use', parseCount)
    .addOption(new Option('--fault <fault>', 'something that goes wrong on purpose, repeatable, as in display/0:fin@3s').argParser(parseFault))
    .option('--stop-at <picture>', 'stop the scene at this picture, for tests that compare pixels', parseCount)
    .option('--until-stdin-ends', 'end when the standard input does, so that the server never outlives the process that started it', false)
    .addHelpText(
      'after',
      `
It listens on 127.0.0.1 only, and says "listening on ADDRESS" for each listener. Its picture carries its own
number in the top rows. Ctrl+C ends it.

A fault is CHANNEL[/ID]:FAULT[=VALUE][@MOMENT][xLINKS]. The channel may be * for all. The moment is a time after the
channel's link (3s, 500ms; default 0s), link (in place of the link reply), ticket (in place of the link result), or
message:N (after the server's N-th message on that link). xLINKS says which links of the channel have it: the first
by default, x3 the first three, xall all, x2-4 or x2-all only later ones. Faults are (docs/faults.md says more):
${servedFaultHelp()}

Examples:
  ryll-actors serve --port 5900 --password test
  ryll-actors serve --port 0 --tls-port 0 --tls-cert server.pem --tls-key server.key --secure-channels main,inputs
  ryll-actors serve --port 5900 --fault display:spin@3s --fault '*:idle=60s/rstxall'
  ryll-actors serve --port 5900 --fault inputs:fin@2s --fault inputs:duplicatex2-3
${EXIT_HELP}`,
    )
    .action(async (options: ServeOptions, command: Command) => {
      if (options.port === undefined && options.tlsPort === undefined && options.unix === undefined) {
        command.error('error: give at least one of --port, --tls-port and --unix');
      }
      if (options.tlsPort !== undefined && (options.tlsCert === undefined || options.tlsKey === undefined)) {
        command.error('error: --tls-port needs a certificate and its key: --tls-cert and --tls-key');
      }
      finished(await actions.serve(options));
    });
}

function addVv(program: Command, actions: Actions, finished: (exit: ExitName) => void): void {
  program
    .command('vv')
    .description('look at connection files (.vv)')
    .command('check')
    .description('say what each key of a connection file does here, without connecting')
    .argument('<file>', 'a connection file, - for standard input')
    .option('--json', 'one JSON document in place of lines', false)
    .addHelpText(
      'after',
      `
Prints where connect would go, errors and warnings with their lines, and for each key whether it is honoured, or understood and
ignored and why. Passwords are not shown, and the file is not deleted. docs/console-vv-extensions.md lists all keys.

Examples:
  ryll-actors vv check console.vv
  curl -s https://portal.example/vm/7/console | ryll-actors vv check - --json

Exit codes: 0 usable, 3 not usable or not readable, 2 usage.`,
    )
    .action(async (file: string, given: Omit<VvCheckOptions, 'file'>) => finished(await actions.vvCheck({ ...given, file })));
}

function addTree(program: Command, actions: Actions, output: ProgramOutput): void {
  program
    .command('tree')
    .description('print the actors of a session and their supervisors')
    .action(() => output.out(`${actions.tree()}\n`));
}

function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  // setTimeout wraps around above this.
  if (!(seconds > 0 && seconds <= 2_147_483)) throw new InvalidArgumentError('It must be a number of seconds above 0.');
  return seconds;
}

function parseKeepaliveAfter(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds === 0 || (seconds >= 1 && seconds <= 3_600))) throw new InvalidArgumentError('It must be 0, or a number of seconds from 1 to 3600.');
  return seconds;
}

/** Below the lower bound an actor on a busy machine would be called frozen for waiting its turn. */
function parseFrozenAfter(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(seconds >= 0.2 && seconds <= 3_600)) throw new InvalidArgumentError('It must be a number of seconds from 0.2 to 3600.');
  return seconds;
}

function parseInject(text: string, before: readonly InjectedFault[] | undefined): readonly InjectedFault[] {
  if (process.env[FAULTS_VARIABLE] !== '1') throw new InvalidArgumentError(`It is for tests of this program: set ${FAULTS_VARIABLE}=1 to allow it.`);
  const fault = parseInjectedFault(text);
  if (typeof fault === 'string') throw new InvalidArgumentError(fault);
  return [...(before ?? []), fault];
}

function parseFault(text: string, before: readonly LoopbackFault[] | undefined): readonly LoopbackFault[] {
  const fault = parseServedFault(text);
  if (typeof fault === 'string') throw new InvalidArgumentError(fault);
  return [...(before ?? []), fault];
}

function parseMonitors(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MONITORS_MAX) throw new InvalidArgumentError(`It must be a number from 1 to ${MONITORS_MAX}.`);
  return count;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be a port from 0 to 65535.');
  return port;
}

function parseCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return count;
}

function parseSessionName(text: string): string {
  if (!isSessionName(text)) throw new InvalidArgumentError('It must be at most 40 letters, digits, dots, dashes and underscores, and not begin with a dot.');
  return text;
}

function parseChannelTypes(text: string): readonly string[] {
  const names = parseChannels(text);
  if (names.some((name) => name.includes('/'))) throw new InvalidArgumentError('Whether a channel must be encrypted is said for all of its type: leave out the id.');
  return names;
}

function parseWavPath(text: string): string {
  if (!/\.wav$/i.test(text)) throw new InvalidArgumentError('The file name must end in .wav.');
  return text;
}

function parseVolume(text: string): number {
  const percent = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  if (!(percent <= 100)) throw new InvalidArgumentError('It must be a whole number of percent from 0 to 100.');
  return percent;
}

function parsePngPath(text: string): string {
  if (!/\.png$/i.test(text)) throw new InvalidArgumentError('The file name must end in .png.');
  return text;
}

function parseChannels(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim().toLowerCase());
  for (const name of names) {
    const type = /^([a-z]+)(?:\/\d{1,3})?$/.exec(name)?.[1];
    if (type === undefined || !Object.hasOwn(ChannelType, type)) {
      throw new InvalidArgumentError(`"${name}" is not a channel; channels are ${Object.keys(ChannelType).join(', ')}, with an id as in display/1.`);
    }
  }
  return [...new Set(names)];
}
