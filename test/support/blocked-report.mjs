// A report task on a disk that hangs: before anything is written, the thread stands inside a system call for as long as nobody reads the pipe.
import { closeSync, openSync } from 'node:fs';
import writeReport from '../../dist/pool/report-task.js';

export default function writeBlocked(plan) {
  closeSync(openSync(process.env.BLOCKING_PIPE, 'w'));
  return writeReport(plan);
}
