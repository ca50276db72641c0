// `replay`: a recording's last pictures and states, again, without its server. Pictures go to PNG files; what is not exact is said on the error
// output and in the exit code.

import type { Writable } from 'node:stream';
import { openRecording, type Recording } from '../evidence/recording.ts';
import { RecordingError } from '../evidence/recording-error.ts';
import { replay, type Replayed } from '../replay/replay.ts';
import { writeReplayTest } from '../replay/replay-test.ts';
import { formatProblem, type CliProblem } from './cli-problem.ts';
import type { ExitName } from './exit-codes.ts';
import { printable } from './key-file.ts';
import type { ReplayOptions } from './reading-arguments.ts';
import { ReadingProgress, type ProgressStream } from './reading-progress.ts';
import { faultProblem, recordingProblem } from './recording-problem.ts';
import { writeScreenshots } from './screenshot.ts';

export interface ReplayStreams {
  readonly out: Writable;
  readonly error: ProgressStream;
}

export async function replayCommand(options: ReplayOptions, streams: ReplayStreams): Promise<ExitName> {
  const tell = (problem: CliProblem): ExitName => {
    streams.error.write(`${formatProblem(problem)}\n`);
    return problem.exit;
  };
  let recording: Recording;
  try {
    recording = await openRecording(options.paths);
  } catch (error) {
    if (error instanceof RecordingError) return tell(recordingProblem(error));
    throw error;
  }
  try {
    return await run(recording, options, streams, tell);
  } finally {
    recording.close();
  }
}

async function run(recording: Recording, options: ReplayOptions, streams: ReplayStreams, tell: (problem: CliProblem) => ExitName): Promise<ExitName> {
  const progress = new ReadingProgress(streams.error, recording.bytes);
  const replayed = await replay(recording, { ...(options.until !== undefined && { until: options.until }), progress: (bytes) => progress.at(bytes, 'replaying') });
  progress.end();
  const [fault] = replayed.faults;
  if (replayed.messages === 0) return tell(fault === undefined ? nothingRecorded(recording) : faultProblem(fault, false));
  const { surfaces, ...document } = replayed;
  streams.out.write(options.json ? `${JSON.stringify({ format: 'ryll-actors-replay/1', ...document }, null, 2)}\n` : replayText(replayed));
  if (options.screenshot !== undefined) {
    if (surfaces.length === 0) return tell({ code: 'replay.noPicture', exit: 'noPicture', message: `${recording.path} has no picture to write: no display drew${options.until === undefined ? '' : ' before --until'}.` });
    try {
      for (const { path, width, height } of await writeScreenshots(surfaces, { picture: options.screenshot, coverage: undefined })) streams.error.write(`ryll-actors: wrote ${printable(path)}, ${width}x${height}\n`);
    } catch (error) {
      return tell(outputFailed(options.screenshot, error));
    }
  }
  if (options.toTest !== undefined) {
    try {
      const { test, fixture } = await writeReplayTest({ paths: options.paths, replayed, file: options.toTest, until: options.until ?? null });
      streams.error.write(`ryll-actors: wrote ${printable(test)} and ${printable(fixture)}, which holds what the server sent, the screen too: look before you share it\n`);
    } catch (error) {
      return tell(outputFailed(options.toTest, error));
    }
  }
  for (const sentence of replayed.missing) streams.error.write(`ryll-actors: not exact: ${printable(sentence)}\n`);
  return replayed.exact ? 'ok' : 'incomplete';
}

function nothingRecorded(recording: Recording): CliProblem {
  return { code: 'replay.nothing', exit: 'sourceInvalid', message: printable(`${recording.path} holds no message of a server; give a capture folder, or a report with traffic.pcap in it.`) };
}

function outputFailed(path: string, error: unknown): CliProblem {
  return { code: 'replay.outputFailed', exit: 'outputFailed', message: printable(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}.`) };
}

function replayText({ seconds, messages, pictures, channels, state_hash: hash, exact }: Replayed): string {
  const lines = [
    `replayed ${messages} messages of ${channels.length} channel${channels.length === 1 ? '' : 's'}, ${seconds.toFixed(3)} s`,
    ...channels.map(({ channel, connections, messages: count, state }) => `${channel.padEnd(12)} ${count} messages${connections > 1 ? `, ${connections} connections` : ''}${state === null ? ', had ended' : ''}${gapsText(state)}`),
    ...pictures.map(({ channel, width, height, marked, sha256 }) => `picture      ${channel} ${width}x${height}${marked ? '' : ' (not complete)'} ${sha256}`),
    `state        ${hash}`,
    exact ? 'exact        nothing is missing' : 'exact        no',
  ];
  return `${lines.join('\n')}\n`;
}

function gapsText(state: unknown): string {
  if (typeof state !== 'object' || state === null || !('gaps' in state) || typeof state.gaps !== 'object' || state.gaps === null) return '';
  const gaps = Object.entries(state.gaps);
  return gaps.length === 0 ? '' : `, gaps: ${gaps.map(([key, count]) => `${key} (${String(count)})`).join(', ')}`;
}
