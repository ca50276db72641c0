import { defineConfig } from 'vitest/config';
import everyRun from '../../vitest.config.ts';

// The long fuzzing, by command: `npm run fuzz`. Not mergeConfig: it would add to `include`.
export default defineConfig({
  test: { ...everyRun.test, include: ['test/fuzz/*.fuzz.ts'], testTimeout: 0, reporters: ['dot'] },
});
