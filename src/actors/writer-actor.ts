// The writer: the one actor that touches capture files, on a thread of its own, so that a disk that blocks blocks nobody else.
// It is a shell: messages and the end in, events out. Traffic reaches it through shared memory (mailbox/tap-reader.ts),
// and what to do with it is capture-session.ts's.

import type { CaptureReport } from '../capture/capture-metadata.ts';
import type { WriterArgs, WriterEvent, WriterMessage } from '../capture/writer-message.ts';
import { CaptureDirectory } from './capture-directory.ts';
import type { CaptureFiles } from './capture-files.ts';
import { markFileCalls, nodeCaptureFiles } from './capture-files.ts';
import { faultyFiles } from './capture-faults.ts';
import { CaptureSession } from './capture-session.ts';
import { KeyLog } from './key-log.ts';
import type { ActorContext, ActorModule } from './kernel/actor.ts';
import { errorFacts } from './kernel/exit-reason.ts';

/** A writer on these file calls. Its start fails with `CaptureRefused` when there can be no capture where one is wanted. */
export function createWriter(nativeFiles: CaptureFiles): ActorModule<WriterArgs, WriterMessage> {
  return {
    start(context, args) {
      const tell = eventTeller(context, args.eventsTo);
      const session = args.capture === null ? null : startSession(context, args.capture, filesOf(context, args, nativeFiles), tell.now);
      const keyLog = args.tlsKeyLog === undefined || args.tlsKeyLog === null ? null : new KeyLog(args.tlsKeyLog, context.progress);
      for (const ring of args.rings) session?.addRing(ring);
      const counts = { unknownRings: 0 };
      let closing: Promise<CaptureReport> | null = null;

      // Once: what a second command or the end of the actor asks for is under way already.
      const close = (open: CaptureSession): Promise<CaptureReport> => {
        closing ??= open.close().then(async (report) => {
          await tell.surely({ kind: 'captureClosed', report });
          return report;
        });
        return closing;
      };

      return {
        receive(message) {
          if (message.kind === 'tlsKeys') return keyLog?.add(message.line);
          if (session === null || closing !== null) return;
          switch (message.kind) {
            case 'tapped': {
              if (session.knows(message.ring)) session.wake();
              else counts.unknownRings += 1;
              return;
            }
            case 'addRing': return session.addRing(message.ring);
            case 'closeCapture': {
              close(session).catch((error: unknown) => {
                // A broken promise would be a warning on another thread's console; a failed actor is what this is.
                context.exit({ kind: 'failed', error: errorFacts(error) });
              });
              return;
            }
          }
        },
        observe: () => ({ ...counts, eventsRefused: tell.refused(), closed: closing !== null, keyLog: keyLog?.observe() ?? null, capture: session?.observe() ?? null }),
        async stop(reason) {
          keyLog?.close();
          if (session === null) return;
          if (reason.kind === 'restart' && closing === null) await session.leave();
          else await close(session);
        },
      };
    },
  };
}

export const actor = createWriter(nodeCaptureFiles);

function filesOf({ host, generation }: ActorContext, { diskFault }: WriterArgs, nativeFiles: CaptureFiles): CaptureFiles {
  return diskFault === undefined || generation > diskFault.generationsMax ? nativeFiles : faultyFiles(nativeFiles, diskFault, host.clock);
}

function startSession(context: ActorContext, capture: NonNullable<WriterArgs['capture']>, nativeFiles: CaptureFiles, tell: (event: WriterEvent) => void): CaptureSession {
  const { host, progress, generation } = context;
  const files = markFileCalls(nativeFiles, progress);
  const directory = new CaptureDirectory(capture.directory, capture.facts, files);
  return new CaptureSession({ host, progress, files, directory, writerGeneration: generation, tell });
}

interface EventTeller {
  readonly now: (event: WriterEvent) => void;
  /** For the one event that must not be dropped. Resolves in any case. */
  readonly surely: (event: WriterEvent) => Promise<void>;
  readonly refused: () => number;
}

function eventTeller(context: ActorContext, eventsTo: string | null): EventTeller {
  const address = eventsTo === null ? null : context.address<WriterEvent>(eventsTo);
  let refused = 0;
  return {
    now: (event) => {
      if (address !== null && address.tell(event) !== 'accepted') refused += 1;
    },
    surely: async (event) => {
      try {
        await address?.send(event);
      } catch {
        // Nobody there, or not listening: the report is in metadata.json and in `observe` as well.
        refused += 1;
      }
    },
    refused: () => refused,
  };
}
