// Report build: which program, on what, wrote a report: versions of this package, of Node and of the packages that it runs with. Read once, before a session.

import { readFileSync } from 'node:fs';
import type { ReportBuild } from '../capture/report/report-metadata.ts';
import type { Version } from './version.ts';

const packageFile = new URL('../../package.json', import.meta.url);

export function reportBuild({ version, commit, dirty }: Version): ReportBuild {
  return {
    version,
    gitSha: commit === null ? null : `${commit}${dirty ? '-dirty' : ''}`,
    platform: process.platform,
    architecture: process.arch,
    node: process.version,
    packages: runtimePackages(),
  };
}

/** They are pinned exactly, so what is written there is what is installed. */
function runtimePackages(): Readonly<Record<string, string>> {
  try {
    const { dependencies } = JSON.parse(readFileSync(packageFile, 'utf8')) as { readonly dependencies?: Readonly<Record<string, string>> };
    return dependencies ?? {};
  } catch {
    // A report without versions is still a report.
    return {};
  }
}
