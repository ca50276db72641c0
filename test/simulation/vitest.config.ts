import { defineConfig } from 'vitest/config';
import everyRun from '../../vitest.config.ts';

// The long simulation, by command: `npm run simulate`. Not mergeConfig: it would add to `include`.
export default defineConfig({
  // What lives through one virtual message is garbage a few messages later: with room for it, a fifth less work.
  test: { ...everyRun.test, execArgv: ['--max-semi-space-size=64'], include: ['test/simulation/*.simulate.ts'], testTimeout: 0, reporters: ['dot'] },
});
