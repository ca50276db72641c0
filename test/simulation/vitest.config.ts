import { defineConfig } from 'vitest/config';
import everyRun from '../../vitest.config.ts';

// The long simulation, by command: `npm run simulate`. Not mergeConfig: it would add to `include`.
export default defineConfig({
  test: { ...everyRun.test, include: ['test/simulation/*.simulate.ts'], testTimeout: 0, reporters: ['dot'] },
});
