// `npm ci`, `npm install` and `npm pack` run this. With --omit=dev there is no compiler: dist must then be there already
// (a packed tarball). Where git knows the commit it is kept beside the compiled files, because a tarball has no repository to ask.
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';

if (!existsSync('node_modules/typescript')) {
  if (existsSync('dist')) process.exit(0);
  console.error('ryll-actors: no compiler installed and no dist/ folder; run `npm ci` without --omit=dev');
  process.exit(1);
}
const compiled = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', '.'], { stdio: 'inherit' });
if (compiled.status === 0 && existsSync('.git')) {
  const git = spawnSync('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], { encoding: 'utf8' });
  if (git.status === 0) writeFileSync('dist/build-commit.json', `${JSON.stringify({ commit: git.stdout.trim() })}\n`);
}
process.exit(compiled.status ?? 1);
