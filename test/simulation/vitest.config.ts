import { defineConfig } from 'vitest/config';
import everyRun from '../../vitest.config.ts';

// The long simulation, by command: `npm run simulate`. Not mergeConfig: it would add to `include`.
export default defineConfig({
  // Nearly everything a simulated day makes is forgotten at once: with more room for the young, next to nothing of it is ever copied.
  test: { ...everyRun.test, execArgv: ['--max-semi-space-size=128'], include: ['test/simulation/*.simulate.ts'], testTimeout: 0, reporters: ['dot'] },
});
