// The real writer, except that a capture file is a pipe that the test has laid beside it (`display-0.pipe` for `display-0.pcapng`): what it writes goes
// as fast as somebody reads, and its thread is inside the system call meanwhile.
import { openSync, writeSync } from 'node:fs';
import { nodeCaptureFiles } from '#app/actors/capture-files.js';
import { createWriter } from '#app/actors/writer-actor.js';

const pipes = new Set();

export const actor = createWriter({
  ...nodeCaptureFiles,
  create: (path) => {
    if (!path.endsWith('.pcapng')) return nodeCaptureFiles.create(path);
    const pipe = openSync(path.replace(/\.pcapng$/, '.pipe'), 'w');
    pipes.add(pipe);
    return pipe;
  },
  // A pipe has no positions; the writer writes in order.
  write: (file, bytes, position) => (pipes.has(file) ? writeSync(file, bytes) : nodeCaptureFiles.write(file, bytes, position)),
});
