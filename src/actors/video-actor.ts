// The video actor: what the session shows, as a video file for each display in the capture's directory, on a thread of its own. Pictures are
// encoded in a pool; a disk that does not take them holds nobody but this actor, and costs pictures that are counted.

import { Piscina } from 'piscina';
import type { JpegResult, JpegTask } from '../pool/jpeg-task.ts';
import { markFileCalls, nodeCaptureFiles, type CaptureFiles } from './capture-files.ts';
import type { ActorModule } from './kernel/actor.ts';
import { VideoFile } from './video-file.ts';
import { openVideoCounters, type VideoArgs, type VideoEvent, type VideoMail, type VideoReport } from './video-mail.ts';
import { VideoRecorder } from './video-recorder.ts';

/** A video actor on these file calls. */
export function createVideo(nativeFiles: CaptureFiles): ActorModule<VideoArgs, VideoMail> {
  return {
    start(context, { directory, framesPerSecond, counters: memory }) {
      const { host, progress } = context;
      const counters = openVideoCounters(memory);
      const hub = context.address<VideoReport>('hub');
      let eventsRefused = 0;
      const tell = (news: VideoEvent): void => {
        if (hub.tell({ kind: 'videoNews', news }) !== 'accepted') eventsRefused += 1;
      };
      // One thread: what it is given is finished in that order.
      const pool = new Piscina<JpegTask, JpegResult>({
        filename: new URL('../pool/jpeg-task.js', import.meta.url).href, minThreads: 0, maxThreads: 1, idleTimeout: 1_000, resourceLimits: { maxOldGenerationSizeMb: 64 },
      });
      const files = markFileCalls(nativeFiles, progress);
      const videos = new Map<string, VideoFile>();
      const videoOf = (channel: string): VideoFile => {
        const known = videos.get(channel) ?? new VideoFile({ directory, channel, files, counters, tell });
        videos.set(channel, known);
        return known;
      };
      const recorder = new VideoRecorder({
        host, framesPerSecond, counters, tell,
        encode: (task) => pool.run(task, { transferList: [task.pixels.buffer] }),
        write: (channel, frame) => {
          progress.enter('frame');
          videoOf(channel).append(frame);
          progress.leave();
        },
      });
      return {
        receive: ({ heads }) => recorder.show(heads),
        observe: () => ({ eventsRefused, heads: recorder.heads, framesUnderWay: recorder.framesUnderWay }),
        async stop() {
          await recorder.stop();
          for (const video of videos.values()) video.close(host.clock.monotonicMs());
          await pool.destroy();
        },
      };
    },
  };
}

export const actor = createVideo(nodeCaptureFiles);
