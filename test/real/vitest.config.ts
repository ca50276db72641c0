import { defineConfig } from 'vitest/config';

// The real-server suite: one file after the other, because two cores serve the servers, the client and the encoders alike.
export default defineConfig({
  test: {
    include: ['test/real/**/*.test.ts'],
    globalSetup: ['test/real/support/global-setup.ts'],
    setupFiles: ['test/real/support/setup.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
