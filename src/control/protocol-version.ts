// Protocol version: which version of the control protocol this program speaks, and whether a client's is close enough. A major number
// must be the same; minor numbers only add.

const major = 1;
const minor = 3;

export const protocolVersion = `${major}.${minor}`;

export type VersionJudgement = { readonly kind: 'accepted' } | { readonly kind: 'otherMajor'; readonly message: string } | { readonly kind: 'notAVersion' };

/** Judges the `protocol_version` of a hello: two numbers with a dot between them. */
export function judgeVersion(asked: unknown): VersionJudgement {
  const parts = typeof asked === 'string' ? /^(\d{1,9})\.(\d{1,9})$/.exec(asked) : null;
  if (parts === null) return { kind: 'notAVersion' };
  if (Number(parts[1]) === major) return { kind: 'accepted' };
  return { kind: 'otherMajor', message: `server speaks major version ${major}; client requested major version ${Number(parts[1])}` };
}
