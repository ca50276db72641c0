// `npm ci`, `npm install` and `npm pack` run this. With --omit=dev there is no compiler: dist must then be there already
// (a packed tarball).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (!existsSync('node_modules/typescript')) {
  if (existsSync('dist')) process.exit(0);
  console.error('ryll-actors: no compiler installed and no dist/ folder; run `npm ci` without --omit=dev');
  process.exit(1);
}
process.exit(spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' }).status ?? 1);
