import { defineConfig } from 'vitest/config';
import everyRun from '../../vitest.config.ts';

// The soaks, by command: `npm run soak:restarts`. Not mergeConfig: it would add to `include`.
export default defineConfig({
  test: { ...everyRun.test, include: ['test/soak/*.soak.ts'], testTimeout: 0 },
});
