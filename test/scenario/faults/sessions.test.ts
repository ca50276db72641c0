// The fault corpus in virtual time: every entry is a whole session with its server in this thread; minutes pass in milliseconds.
import { beforeAll, describe, expect, test } from 'vitest';
import { linkFaults } from './link-faults.ts';
import { serverFaults } from './server-faults.ts';
import { expectPlayed, playSession } from './session-entry.ts';
import { wireFaults } from './wire-faults.ts';

// Loading takes real time, of which the virtual clock knows nothing.
beforeAll(async () => {
  for (const name of ['channel-actor', 'display-painter', 'pointer-painter', 'writer-actor', 'hub-actor', 'faulty-actor']) await import(new URL(`../../../dist/actors/${name}.js`, import.meta.url).href);
});

describe.each([['server', serverFaults], ['link', linkFaults], ['wire', wireFaults]] as const)('%s faults', (_theme, entries) => {
  test.each(entries)('$name', async (entry) => {
    const played = await playSession(entry);
    expectPlayed(entry, played);
    expect(played).toBeDefined();
  });
});
