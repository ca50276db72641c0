import { defineConfig } from 'vitest/config';

// Tests import `#app/...`, which is dist/: they run exactly the files that ship, workers included.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/real/**', '**/node_modules/**'],
    globalSetup: ['test/support/runtime-folder.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    server: { deps: { external: [/\/dist\//] } },
  },
});
