// What the reports in a folder are judged to say, each by its own zip and nothing else.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { verdictOf, type Verdict } from '#app/capture/verdict.js';
import { ReportZip } from '#app/evidence/report-zip.js';

/** Also in the folders below it; none when there is none. */
export async function verdictsIn(folder: string): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const name of zipsIn(folder)) {
    const zip = await ReportZip.open(join(folder, name));
    const members = new Map<string, string>();
    for (const member of zip.members) if (member.name.endsWith('.json') && member.name !== 'verdict.json') members.set(member.name, (await zip.bytes(member.name)).toString('utf8'));
    zip.close();
    verdicts.push(verdictOf(members));
  }
  return verdicts;
}

function zipsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.zip')).toSorted();
  } catch {
    return [];
  }
}
