// A report task on a disk that hangs: before anything is written, the thread stands inside a system call for as long as nobody reads the pipe.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import writeReport from '../../dist/pool/report-task.js';

export default function writeBlocked(plan) {
  writeFileSync(`${process.env.BLOCKING_PIPE}.opening`, '');
  closeSync(openSync(process.env.BLOCKING_PIPE, 'w'));
  return writeReport(plan);
}
