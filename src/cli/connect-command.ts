// `connect`: from the command line's options to a session and its end: source, password, addresses, the session itself, then the
// picture, the capture and the statistics, in that order, and one exit code. Sentences for people go to standard error.

import { writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { TRAFFIC_CAP_VARIABLE, trafficTotal } from '../capture/ring-budget.ts';
import { createVolumeControl, fullVolume, type VolumeControl } from '../audio/volume-control.ts';
import { loadJpegDecoder } from '../actors/jpeg-decoder.ts';
import { createNodeHost } from '../actors/kernel/node-host.ts';
import { nameThread } from '../actors/kernel/thread-name.ts';
import { StartFailed } from '../actors/kernel/child-handle.ts';
import { latencyLine } from '../metrics/latency-summary.ts';
import { keepaliveIdleMs } from '../protocol/liveness.ts';
import type { ConnectOptions } from './arguments.ts';
import { formatProblem, type CliProblem, type Outcome } from './cli-problem.ts';
import { readConnectionSource } from './connection-source.ts';
import { connectReports } from './connect-reports.ts';
import { endpointsOf, reconnectOptions } from './connection-renewal.ts';
import type { ConnectionTarget } from './connection-target.ts';
import { controlSocketOf } from './control-socket-choice.ts';
import type { ExitName } from './exit-codes.ts';
import { problemOf } from './outcome-problem.ts';
import { PASSWORD_VARIABLE, promptPassword, readPassword, type Password } from './password-source.ts';
import { displayWishes } from './display-options.ts';
import { processEnd } from './process-end.ts';
import { applyProxy, PROXY_PASSWORD_VARIABLE } from './proxy-source.ts';
import { isOfProxy } from './proxy-text.ts';
import { reportFlagsWarning } from './report-arguments.ts';
import type { TargetEndpoints } from './resolve-target.ts';
import { chooseScreenLock, screenLockPlace } from './screen-lock.ts';
import { screenLockOf } from './screen-lock-program.ts';
import { writeScreenshots } from './screenshot.ts';
import { beginCadence } from './session-cadence.ts';
import { listenForEnd } from './session-end.ts';
import { chooseOutput } from './session-output.ts';
import { answerRequests } from './session-requests.ts';
import { SessionRun } from './session-run.ts';
import type { VideoOptions } from './session-video.ts';
import { chooseVideo } from './video-options.ts';
import { createSourceIo } from './source-io.ts';
import { statsDocument } from './stats-document.ts';
import { formatVersion, readVersion, type Version } from './version.ts';

/** How long an actor may be silent with work waiting, unless `--frozen-after` says otherwise. */
const frozenAfterSeconds = 5;
/** How the system's tools list the process, and its main thread, in place of `node`. */
const programName = 'ryll-actors';
const say = (text: string): void => void process.stderr.write(`${text}\n`);

export async function connectCommand(options: ConnectOptions): Promise<ExitName> {
  const prepared = await prepare(options);
  if (!prepared.ok) return tell(prepared.problem);
  const { target, endpoints, video } = prepared.value;
  let password = prepared.value.password;
  const volume = createVolumeControl({ percent: options.volume ?? fullVolume.percent, muted: options.mute });
  for (;;) {
    const ended = await runOnce(options, target, endpoints, password, volume, video);
    // A server that wants a ticket although none was given is worth one question, when somebody is there to answer.
    const ask = ended.problem?.exit === 'authFailed' && !isOfProxy(ended.problem) && password.origin === 'none' && process.stdin.isTTY && process.stderr.isTTY;
    if (!ask) return ended.problem === null ? ended.exit : tell(ended.problem);
    const asked = await promptPassword(target.label, { input: process.stdin, output: process.stderr });
    if (!asked.ok) return tell(asked.problem);
    password = asked.value;
  }
}

interface Prepared {
  readonly target: ConnectionTarget;
  readonly endpoints: readonly TargetEndpoints[];
  readonly password: Password;
  /** Null = the screen is not recorded. */
  readonly video: VideoOptions | null;
}

async function prepare(options: ConnectOptions): Promise<Outcome<Prepared>> {
  const video = await chooseVideo(options, process.env['PATH'] ?? '');
  if (!video.ok) return video;
  const io = createSourceIo({ stdin: process.stdin });
  const read = await readConnectionSource(options, io);
  if (!read.ok) return read;
  const source = await applyProxy(read.value, options, process.env[PROXY_PASSWORD_VARIABLE], io);
  if (!source.ok) return source;
  const warning = reportFlagsWarning(options);
  if (warning !== null) say(`ryll-actors: ${warning}`);
  for (const note of source.value.notes) say(`ryll-actors: ${note}`);
  const { target } = source.value;
  const password = await readPassword({ passwordFile: options.passwordFile, environment: process.env[PASSWORD_VARIABLE], fromSource: target.password }, io);
  if (!password.ok) return password;
  const endpoints = await endpointsOf(target);
  return endpoints.ok ? { ok: true, value: { target, endpoints: endpoints.value, password: password.value, video: video.value } } : endpoints;
}

interface Ended {
  readonly exit: ExitName;
  readonly problem: CliProblem | null;
}

async function runOnce(options: ConnectOptions, target: ConnectionTarget, endpoints: readonly TargetEndpoints[], password: Password, volume: VolumeControl, video: VideoOptions | null): Promise<Ended> {
  processEnd.prepare();
  await loadJpegDecoder(); // native code: before any worker's
  nameThread(programName);
  const version = readVersion();
  const output = chooseOutput(target.label, options.headless, options.statsJson === '-');
  const disabled = new Set(target.disableChannels);
  const host = createNodeHost();
  const traffic = trafficTotal(process.env[TRAFFIC_CAP_VARIABLE], totalmem());
  if (options.tlsKeylog !== undefined) say(`ryll-actors: warning: the keys of this session's TLS connections are written to ${options.tlsKeylog}; whoever has that file can read recorded traffic of this session`);
  if (options.intimate === true) say(`ryll-actors: warning: every key and pointer position is written in plain words into the input log in ${options.capture ?? ''}, passwords that are typed included`);
  if (traffic.warning !== null) say(`ryll-actors: ${traffic.warning}`);
  // Only where somebody sits before it.
  const screenLock = output.dashboard === null ? null : chooseScreenLock(screenLockPlace(process.env));
  const run = new SessionRun({
    host,
    target,
    endpoints,
    password: password.text,
    filter: options.channels === undefined ? null : new Set(options.channels),
    disabled,
    singleThread: options.singleThread,
    frozenMs: (options.frozenAfter ?? frozenAfterSeconds) * 1_000,
    keepaliveIdleMs: options.keepaliveAfter === undefined ? keepaliveIdleMs : options.keepaliveAfter === 0 ? null : options.keepaliveAfter * 1_000,
    faults: options.inject ?? [],
    captureFolder: options.capture ?? null,
    reports: connectReports({ host, flags: options, version }),
    tlsKeyLog: options.tlsKeylog,
    trafficTotalMib: traffic.mib,
    captureSettings: { format: options.captureFormat ?? 'pcapng', inputLog: options.intimate === true ? 'intimate' : 'redacted' },
    version,
    reconnect: reconnectOptions(options, { target, endpoints, password: password.text }, output.dashboard !== null),
    monitors: options.monitors,
    trackCoverage: options.coverageMask !== undefined,
    display: displayWishes(options),
    verbose: options.verbose > 0,
    dashboard: output.dashboard,
    log: output.log,
    sound: { volume, file: options.audioFile ?? null, player: options.audioDevice ?? null },
    video,
    control: controlSocketOf(options, target.label, version, say),
    metrics: options.metrics ?? null,
    latency: options.latencyFile === undefined ? null : { path: options.latencyFile },
    ...(screenLock?.kind === 'program' ? { screenLock: screenLockOf(screenLock.program, host) } : {}),
  });
  const requests = listenForEnd(options.duration, (code) => processEnd.now(code));
  run.events.subscribe(({ event }) => {
    if (event.kind === 'sessionInitialised') requests.startTime();
  });
  answerRequests(run, {
    end: () => requests.ask('ok'),
    stats: () => statsDocument(run, 'running', run.connected, formatVersion(version), run.nowMs()),
  });
  const terminal = output.attach(run, host.timers, () => requests.ask('ok'));
  try {
    await run.start();
  } catch (error) {
    await run.stop();
    leftBehind(run);
    terminal.detach();
    requests.release();
    if (!(error instanceof StartFailed)) throw error;
    return { exit: 'failed', problem: startProblem(error) };
  }
  const stopCadence = beginCadence(run, host.timers, options);
  const outcome = await Promise.race([run.ended, requests.asked]);
  stopCadence();
  terminal.release();
  const connected = typeof outcome === 'string' && run.connected;
  // Whoever closes a session that is held has not ended a good one.
  const lost = typeof outcome !== 'string' ? outcome : outcome === 'ok' ? run.reconnect.held : null;
  let ended: Ended = lost === null && typeof outcome === 'string' ? { exit: outcome, problem: null } : { exit: 'failed', problem: lost === null ? null : problemOf(lost, target, password) };
  const pictureProblem = await finishPicture(run, options);
  await run.stop();
  // Said only now: nothing but its own thread writes to the terminal while the session is shown.
  ended = firstOf(ended, pictureProblem);
  ended = firstOf(ended, run.captureProblem());
  ended = firstOf(ended, run.soundProblem());
  ended = firstOf(ended, run.video.problem());
  ended = firstOf(ended, options.latencyFile === undefined ? null : run.metrics.latencyProblem(options.latencyFile));
  if (options.cadence === true) say(latencyLine(run.metrics.latency(run.memory)));
  ended = firstOf(ended, leftBehind(run));
  terminal.detach();
  requests.release();
  return firstOf(ended, await writeStats(run, options, ended, connected, version));
}

/** The first thing that went wrong is the one to report; what ended well may still be spoilt by its output. */
function firstOf(ended: Ended, problem: CliProblem | null): Ended {
  if (problem === null) return ended;
  if (ended.problem === null && ended.exit === 'ok') return { exit: problem.exit, problem };
  say(formatProblem(problem));
  return ended;
}

/** A thread that did not end cannot be waited for: the process then leaves without it, with the exit code that it owes. */
function leftBehind(run: SessionRun): CliProblem | null {
  if (run.leftBehind.length === 0 && !run.reports.leftBehind) return null;
  processEnd.force();
  const names = [...new Set([...run.leftBehind.map(({ id, generation }) => `${id}#${generation}`), ...(run.reports.leftBehind ? ['the writer of reports'] : [])])].join(', ');
  return { code: 'shutdown.timedOut', exit: 'shutdownTimedOut', message: `${names} did not stop in time: a thread was inside a blocked system call (a disk, a terminal, a pipe that nobody reads) and was left behind.` };
}

async function finishPicture(run: SessionRun, options: ConnectOptions): Promise<CliProblem | null> {
  const paths = { picture: options.screenshot, coverage: options.coverageMask };
  if (paths.picture === undefined && paths.coverage === undefined) return null;
  if (run.surfaces.length === 0) {
    return { code: 'screenshot.noPicture', exit: 'noPicture', message: 'No screenshot was written: the server had shown no picture by then; give it more time with --duration.' };
  }
  try {
    for (const { channel, path, width, height } of await writeScreenshots(run.surfaces, paths)) {
      run.say({ kind: 'noted', wallMs: Date.now(), severity: 'info', source: channel, text: `wrote ${path}, ${width}x${height}` });
    }
    return null;
  } catch (error) {
    return outputProblem('screenshot', paths.picture ?? paths.coverage ?? '', error);
  }
}

async function writeStats(run: SessionRun, options: ConnectOptions, ended: Ended, connected: boolean, version: Version): Promise<CliProblem | null> {
  if (options.statsJson === undefined) return null;
  const document = statsDocument(run, ended.problem?.exit ?? ended.exit, connected, formatVersion(version), run.nowMs());
  const text = `${JSON.stringify(document, null, 2)}\n`;
  try {
    if (options.statsJson === '-') await new Promise<void>((resolve, reject) => process.stdout.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error))));
    else await writeFile(options.statsJson, text);
    return null;
  } catch (error) {
    return outputProblem('statistics', options.statsJson, error);
  }
}

function outputProblem(what: string, path: string, error: unknown): CliProblem {
  const reason = error instanceof Error ? error.message : String(error);
  return { code: `output.${what}`, exit: 'outputFailed', message: `The ${what} could not be written to ${path}: ${reason}; check the folder and its free space.` };
}

function startProblem(error: StartFailed): CliProblem {
  const reason = error.exit.reason.kind === 'failed' ? error.exit.reason.error.message : error.message;
  switch (error.exit.id) {
    case 'writer':
      return { code: 'capture.start', exit: 'captureFailed', message: `The capture cannot start: ${reason}` };
    case 'audio':
      return { code: 'sound.start', exit: 'outputFailed', message: `Sound cannot be played: ${reason}.` };
    case 'metrics':
      return { code: 'metrics.start', exit: 'listenFailed', message: `Metrics cannot be served: ${reason}.` };
    case 'latency':
      return { code: 'latency.start', exit: 'outputFailed', message: `The latency file cannot be made: ${reason}; it must not exist, and its folder must.` };
    case 'control':
      return { code: 'control.start', exit: 'listenFailed', message: `The control socket cannot be opened: ${reason}.` };
    default:
      return { code: 'start.failed', exit: 'failed', message: `${error.exit.id} cannot start: ${reason}` };
  }
}

function tell(problem: CliProblem): ExitName {
  say(formatProblem(problem));
  return problem.exit;
}
