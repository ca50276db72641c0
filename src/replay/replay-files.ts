// A replay of files, from opening them to closing them: what tests made by `replay --to-test` call.

import { openRecording } from '../evidence/recording.ts';
import { replay, type Replayed, type ReplayOptions } from './replay.ts';

export { replayedGaps, type Replayed } from './replay.ts';

/** @throws RecordingError when they cannot be opened */
export async function replayFiles(paths: readonly string[], options: ReplayOptions = {}): Promise<Replayed> {
  const recording = await openRecording(paths);
  try {
    return await replay(recording, options);
  } finally {
    recording.close();
  }
}
