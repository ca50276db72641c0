// Runs in every test file: nothing that a test started outlives its file.
import { afterAll } from 'vitest';
import { endAllPrograms } from './run.ts';
import { stopAllServers } from './servers.ts';

afterAll(async () => {
  await endAllPrograms();
  await stopAllServers();
}, 60_000);
