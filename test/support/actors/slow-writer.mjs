// The real writer on the real disk, except that each write takes 50 ms longer: the thread is
// blocked meanwhile, as it would be in the system call.
import { nodeCaptureFiles } from '#app/actors/capture-files.js';
import { createWriter } from '#app/actors/writer-actor.js';

const never = new Int32Array(new SharedArrayBuffer(4));

export const actor = createWriter({
  ...nodeCaptureFiles,
  write: (file, bytes, position) => {
    Atomics.wait(never, 0, 0, 50);
    return nodeCaptureFiles.write(file, bytes, position);
  },
});
