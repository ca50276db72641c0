// The last line of CI: `N passed, N failed`, from the JSON that vitest wrote for each run. A failed step that no failed test
// explains (lint, types, a run that died before it wrote anything) counts as one failure, so that the line never says 0 wrongly.
//   node scripts/ci-summary.mjs FAILED_STEPS RESULT.json...
import { existsSync, readFileSync } from 'node:fs';

const [failedSteps = '0', ...files] = process.argv.slice(2);
let [passed, failed, skipped] = [0, 0, 0];
for (const file of files) {
  if (!existsSync(file)) continue;
  const result = JSON.parse(readFileSync(file, 'utf8'));
  passed += result.numPassedTests;
  // A file that cannot be loaded has no tests that could fail: it counts by itself.
  const brokenFiles = result.testResults.filter((entry) => entry.status === 'failed' && entry.assertionResults.every((one) => one.status !== 'failed'));
  failed += result.numFailedTests + brokenFiles.length;
  skipped += result.numPendingTests + (result.numTodoTests ?? 0);
}
if (skipped > 0) console.log(`${skipped} skipped`);
failed = Math.max(failed, Number(failedSteps));
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
