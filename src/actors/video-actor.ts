// The video actor: what the session shows, as a video file for each display in the capture's directory, on a thread of its own. Pictures are
// encoded in a pool; a disk that does not take them holds nobody but this actor, and costs pictures that are counted.

import { Piscina } from 'piscina';
import type { JpegResult, JpegTask } from '../pool/jpeg-task.ts';
import { markFileCalls, nodeCaptureFiles, type CaptureFiles } from './capture-files.ts';
import type { ActorModule } from './kernel/actor.ts';
import { H264File } from './h264-file.ts';
import { VideoFile } from './video-file.ts';
import { openVideoCounters, type VideoArgs, type VideoEvent, type VideoMail, type VideoReport } from './video-mail.ts';
import type { VideoSink } from './video-part.ts';
import { VideoRecorder } from './video-recorder.ts';

/** Of the actor's five seconds: an encoder that has not finished by then is ended, and there is time left to tell. */
const finishMsMax = 3_500;

/** A video actor on these file calls. */
export function createVideo(nativeFiles: CaptureFiles): ActorModule<VideoArgs, VideoMail> {
  return {
    start(context, { directory, framesPerSecond, h264Encoder, counters: memory }) {
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
      const videos = new Map<string, VideoSink>();
      const videoOf = (channel: string): VideoSink => {
        const parts = { directory, channel, files, counters, tell };
        const known = videos.get(channel) ?? (h264Encoder === null ? new VideoFile(parts) : new H264File({ ...parts, host, encoder: h264Encoder }));
        videos.set(channel, known);
        return known;
      };
      const recorder = new VideoRecorder({
        host, framesPerSecond, counters, tell,
        encode: (task) => pool.run(task, { transferList: [task.pixels.buffer] }),
        write: (channel, frame) => {
          progress.enter('frame');
          const written = videoOf(channel).append(frame);
          progress.leave();
          return written;
        },
      });
      return {
        receive: ({ heads }) => recorder.show(heads),
        observe: () => ({ eventsRefused, heads: recorder.heads, framesUnderWay: recorder.framesUnderWay }),
        async stop() {
          const cancel = host.timers.after(finishMsMax, () => {
            for (const video of videos.values()) video.giveUp?.();
          });
          await recorder.stop();
          await Promise.all(Array.from(videos.values(), async (video) => video.close(host.clock.monotonicMs())));
          cancel();
          await pool.destroy();
        },
      };
    },
  };
}

export const actor = createVideo(nodeCaptureFiles);
