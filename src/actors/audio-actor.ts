// The audio actor: where decoded sound goes, on a thread of its own: a WAV file, a device, or both. It stands beside the session, so it
// outlives every link of the playback channel, and takes only what the newest generation of its sender has said. A disk or a
// device that does not take sound holds nobody but itself: the sender's samples then find no room and are counted.

import type { AudioArgs, AudioEvent, AudioMail, AudioReport } from './audio-mail.ts';
import { openAudioCounters } from './audio-mail.ts';
import { AudioDevice } from './audio-device.ts';
import { AudioFile } from './audio-file.ts';
import { findPlayer, players, playerNames, type PlayerChoice, type PlayerName } from './audio-players.ts';
import { markFileCalls, nodeCaptureFiles, type CaptureFiles } from './capture-files.ts';
import type { ActorModule } from './kernel/actor.ts';

/** An audio actor on these file calls. Its start fails when the file cannot be made or there is no player. */
export function createAudio(nativeFiles: CaptureFiles): ActorModule<AudioArgs, AudioMail> {
  return {
    start(context, args) {
      const { host, generation } = context;
      const counters = openAudioCounters(args.counters);
      const hub = context.address<AudioReport>('hub');
      let eventsRefused = 0;
      const tell = (event: AudioEvent): void => {
        if (hub.tell({ kind: 'audioNews', news: event }) !== 'accepted') eventsRefused += 1;
      };
      // Before the file is made: what cannot play leaves nothing behind.
      const player = args.player === null ? null : playerOf(args.player);
      const files = markFileCalls(nativeFiles, context.progress);
      const file = args.file === null ? null : new AudioFile({ path: args.file, files, timers: host.timers, counters, generation, tell });
      const device = player === null ? null : new AudioDevice({ player, host, counters, tell });
      const newest = new Map<string, number>();
      return {
        receive({ format, pcm }, { sender, generation: senders }) {
          if (senders < (newest.get(sender) ?? 0)) return counters.outdated.add(1);
          newest.set(sender, senders);
          const bytes = new Uint8Array(pcm);
          file?.append(format, bytes);
          device?.play(format, bytes);
        },
        observe: () => ({ eventsRefused, senders: Object.fromEntries(newest) }),
        async stop() {
          file?.close();
          await device?.stop();
        },
      };
    },
  };
}

export const actor = createAudio(nodeCaptureFiles);

function playerOf(choice: PlayerChoice): PlayerName {
  const found = findPlayer(choice, process.env['PATH'] ?? '');
  if (found !== null) return found;
  if (choice !== 'auto') throw new Error(`${choice} is not on this machine; install ${players[choice].from}, or give another player`);
  throw new Error(`no player is on this machine; install one of ${playerNames.map((name) => `${name} (${players[name].from})`).join(', ')}`);
}
