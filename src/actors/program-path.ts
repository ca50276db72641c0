// Program path: whether a program of the system is here. It looks along PATH and starts nothing.

import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** @param path folders as in PATH; an empty one means none */
export function isOnPath(program: string, path: string): boolean {
  return path.split(delimiter).some((folder) => folder !== '' && isProgram(join(folder, program)));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
