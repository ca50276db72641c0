import { defineConfig } from 'vitest/config';
import real from '../vitest.config.ts';

// The long proofs: by command (`npm run prove:NAME`), never in CI's ordinary run. Not mergeConfig: it would add to `include`.
export default defineConfig({
  test: { ...real.test, include: [`test/real/prove/${process.env['RYLL_PROOF'] ?? '*'}.prove.ts`] },
});
