// The soak of restarts, in short: a display that dies again and again leaves nothing behind. `npm run soak:restarts` does it 500 times.
import { expect, test } from 'vitest';
import { soakRestarts } from '../support/restart-soak.ts';

test('a display that died 30 times leaves threads, handles, descriptors, ports and memory as they were', async () => {
  const { counts, grown } = await soakRestarts(30, 5, 1);
  expect({ grown, counts: grown.length === 0 ? [] : counts }).toEqual({ grown: [], counts: [] });
}, 180_000);
