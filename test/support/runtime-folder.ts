// The private folder of control sockets that programs under test use: one of this run's own, not the user's, and gone when the run is over.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'ryll-run-'));
  process.env['XDG_RUNTIME_DIR'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
