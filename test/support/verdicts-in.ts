// What reports are judged to say, each by its own zip and nothing else.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verdictOf, type Verdict } from '#app/capture/verdict.js';
import { ReportZip } from '#app/evidence/report-zip.js';

/** Of all reports in a folder, also in the folders below it; none when there is no folder. */
export async function verdictsIn(folder: string): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const name of zipsIn(folder)) verdicts.push(await verdictIn(join(folder, name)));
  return verdicts;
}

/** Without the verdict that is in it already. */
export async function verdictIn(path: string): Promise<Verdict> {
  const zip = await ReportZip.open(path);
  try {
    const members = new Map<string, string>();
    for (const { name } of zip.members) if (name.endsWith('.json') && name !== 'verdict.json') members.set(name, (await zip.bytes(name)).toString('utf8'));
    return verdictOf(members);
  } finally {
    zip.close();
  }
}

function zipsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.zip')).toSorted();
  } catch {
    return [];
  }
}
