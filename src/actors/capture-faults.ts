// Disks that fail on purpose: the capture's file calls with a fault that begins at a moment. Only tests ask for one, in the writer's arguments;
// a writer without one does not run through this file.

import type { DiskFault } from '../capture/writer-message.ts';
import type { CaptureFiles } from './capture-files.ts';
import { delay, readFromNobody } from './fault-injection.ts';
import type { Clock } from './kernel/host.ts';

/** How long each write takes on the slow disk, in milliseconds. */
const slowWriteMs = 500;

/** The same calls, of which `write` has the fault once its time has come. */
export function faultyFiles(files: CaptureFiles, fault: DiskFault, clock: Clock): CaptureFiles {
  const beginsMs = clock.monotonicMs() + fault.atMs;
  return {
    ...files,
    write: (file, bytes, position) => {
      if (clock.monotonicMs() >= beginsMs) suffer(fault.kind);
      return files.write(file, bytes, position);
    },
  };
}

function suffer(kind: DiskFault['kind']): void {
  switch (kind) {
    case 'diskSlow': return delay(slowWriteMs);
    case 'diskFull': throw Object.assign(new Error('ENOSPC: no space left on device, write (injected fault)'), { code: 'ENOSPC', errno: -28 });
    case 'diskHang': return readFromNobody();
  }
}
