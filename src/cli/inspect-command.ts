// `inspect`: a capture or a report as a list of messages, or as statistics. The list flows: a file of any size needs the memory of a piece of it.
// Sentences for people go to the error output.

import type { Writable } from 'node:stream';
import { passesFilter } from '../capture/read/message-filter.ts';
import { commentLines, fieldLines, gapLine, LISTING_HEAD, messageDocument, messageLine } from '../capture/read/message-view.ts';
import type { RecordedMessage } from '../capture/read/recorded-message.ts';
import { trafficText, TrafficStats } from '../capture/read/traffic-stats.ts';
import { openRecording, type Recording } from '../evidence/recording.ts';
import { RecordingError } from '../evidence/recording-error.ts';
import { RecordingReader } from '../evidence/recording-reader.ts';
import { formatProblem } from './cli-problem.ts';
import type { ExitName } from './exit-codes.ts';
import { FlowingOutput } from './flowing-output.ts';
import type { InspectOptions } from './reading-arguments.ts';
import { ReadingProgress, type ProgressStream } from './reading-progress.ts';
import { faultProblem, recordingProblem } from './recording-problem.ts';
import { recordingSummary } from './recording-summary.ts';

export interface InspectStreams {
  readonly out: Writable;
  readonly error: ProgressStream;
}

export async function inspectCommand(options: InspectOptions, streams: InspectStreams): Promise<ExitName> {
  const say = (text: string): void => void streams.error.write(`${text}\n`);
  let recording: Recording;
  try {
    recording = await openRecording(options.paths);
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error;
    const problem = recordingProblem(error);
    say(formatProblem(problem));
    return problem.exit;
  }
  try {
    return await inspect(recording, options, streams, say);
  } finally {
    recording.close();
  }
}

async function inspect(recording: Recording, options: InspectOptions, streams: InspectStreams, say: (text: string) => void): Promise<ExitName> {
  const reader = new RecordingReader(recording);
  const progress = new ReadingProgress(streams.error, recording.bytes);
  const output = new FlowingOutput(streams.out);
  const stats = options.stats ? new TrafficStats() : null;
  if (!options.json) for (const line of recordingSummary(recording)) output.line(line);
  if (!options.json && stats === null && recording.sources.length > 0) output.line(LISTING_HEAD);
  let startMs: number | null = null;
  let read = 0;
  let shown = 0;
  const isEnough = (): boolean => output.isClosed || shown >= (options.limit ?? Infinity);
  reading: for await (const batch of reader.messages()) {
    for (const message of batch) {
      read += 1;
      startMs ??= message.atMs;
      const seconds = (message.atMs - startMs) / 1_000;
      if (!isWanted(message, seconds, options)) continue;
      shown += 1;
      if (stats === null) list(message, seconds, options, output);
      else stats.count(message);
      if (isEnough()) break reading;
    }
    progress.at(reader.bytesRead, 'reading');
    await output.flow();
    if (isEnough()) break;
  }
  progress.end();
  if (stats !== null) {
    output.line(options.json ? JSON.stringify(statsDocument(recording, reader, stats), null, 2) : trafficText(stats.channels).trimEnd());
  }
  await output.flush();
  for (const fault of reader.faults.slice(1)) say(formatProblem(faultProblem(fault, read > 0)));
  const [first] = reader.faults;
  if (first !== undefined) {
    const problem = faultProblem(first, read > 0);
    say(formatProblem(problem));
    return problem.exit;
  }
  if (!options.json && !isEnough()) say(closing(reader, recording, read, shown));
  return 'ok';
}

function isWanted(message: RecordedMessage, seconds: number, { channel: channels, type: types, direction, from, to, grep }: InspectOptions): boolean {
  const filter = { ...(channels && { channels }), ...(types && { types }), ...(direction && { direction }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  if (!passesFilter(filter, message, seconds)) return false;
  if (grep === undefined) return true;
  const wanted = grep.toLowerCase();
  return message.name.toLowerCase().includes(wanted) || fieldLines(message).some((line) => line.toLowerCase().includes(wanted));
}

function list(message: RecordedMessage, seconds: number, { json, fields }: InspectOptions, output: FlowingOutput): void {
  if (json) return output.line(JSON.stringify(messageDocument(message, seconds, fields)));
  for (const line of commentLines(message, seconds)) output.line(line);
  const gap = gapLine(message, seconds);
  if (gap !== null) output.line(gap);
  output.line(messageLine(message, seconds));
  if (fields) for (const line of fieldLines(message)) output.line(`                ${line}`);
}

function closing(reader: RecordingReader, recording: Recording, read: number, shown: number): string {
  if (recording.sources.length === 0) return 'ryll-actors: this report holds no traffic.';
  const messages = shown === read ? `${read} messages` : `${shown} of ${read} messages`;
  const others = reader.otherPackets === 0 ? '' : `; ${reader.otherPackets} of ${reader.packets} packets are no TCP`;
  const cut = reader.unfinishedBytes === 0 ? '' : `; at the end, ${reader.unfinishedBytes} bytes of messages that go on behind it`;
  return `ryll-actors: ${messages}${others}${cut}.`;
}

/** The document of `--stats --json`. */
function statsDocument(recording: Recording, reader: RecordingReader, stats: TrafficStats): object {
  return {
    format: 'ryll-actors-inspect/1',
    recording: {
      kind: recording.kind, path: recording.path, bytes: recording.bytes, metadata: recording.metadata,
      members: recording.zip?.members.map(({ name, bytes, packedBytes }) => ({ name, bytes, packed_bytes: packedBytes })) ?? null,
    },
    packets: reader.packets,
    other_packets: reader.otherPackets,
    unfinished_bytes: reader.unfinishedBytes,
    faults: reader.faults,
    channels: stats.channels,
  };
}
