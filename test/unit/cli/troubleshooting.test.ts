// docs/troubleshooting.md quotes what the program prints. Each quoted line is made here again, so that the document cannot say another
// sentence than the program.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { captureFault } from '#app/cli/capture-facts.js';
import { formatProblem } from '#app/cli/cli-problem.js';
import type { CliProblem } from '#app/cli/cli-problem.js';
import type { ConnectionPhase, ConnectionTrouble, TroubleContext } from '#app/cli/connection-trouble.js';
import { connectionTarget } from '#app/cli/connection-target.js';
import { problemOf } from '#app/cli/outcome-problem.js';
import type { HeldVariant } from '#app/supervisor/held-copy.js';
import { explainTrouble } from '#app/cli/error-text.js';
import type { ProxySetting } from '#app/cli/proxy-setting.js';
import { EXIT_CODES } from '#app/cli/exit-codes.js';
import { LinkErrorCode, linkErrorName } from '#app/protocol/link-error.js';
import type { SocketCloseKind } from '#app/actors/kernel/host.js';
import type { CaptureReport } from '#app/capture/capture-metadata.js';

const DOCUMENT = readFileSync(new URL('../../../docs/troubleshooting.md', import.meta.url), 'utf8');

type Target = TroubleContext['target'];
const plain: Target = { label: 'vm.example:5900', tlsPort: null, caPem: null, hostSubject: null, singleUse: false, ticketValidUntilMs: null, unixPath: null, proxy: null };
const context = (target: Partial<Target> = {}, rest: Partial<TroubleContext> = {}): TroubleContext => ({
  channel: 'main/0', secure: false, passwordOrigin: 'passwordFile', nowSeconds: 1_700_000_000, ...rest, target: { ...plain, ...target },
});
const secured = (target: Partial<Target> = {}): TroubleContext => context({ tlsPort: 5901, ...target }, { secure: true });
const refused = (code: number): ConnectionTrouble => ({ kind: 'link', error: { kind: 'refused', code, name: linkErrorName(code), phase: 'result' } });
const socket = (kind: SocketCloseKind, phase: ConnectionPhase, code: string | null = null, message = ''): ConnectionTrouble => ({ kind: 'socket', phase, cause: { kind, code, message } });
const lost = (kind: SocketCloseKind): ConnectionTrouble => ({ kind: 'mainLost', cause: { kind, code: null, message: '' }, serverReason: null });
const deadline = (phase: ConnectionPhase): ConnectionTrouble => ({ kind: 'deadline', phase, waitedMs: 10_000 });

const proxy: ProxySetting = { kind: 'http', host: 'proxy.example', port: 3128, username: null, password: null };
const httpsProxy: ProxySetting = { kind: 'https', host: 'proxy.example', port: 3129, username: 'me', password: 'secret' };

const report: CaptureReport = { directory: 'DIR', writerGeneration: 1, bytes: 0, messages: 990, dropped: 10, files: [], errors: [] };

const heldVariants: readonly HeldVariant[] = [
  { kind: 'generic', attempts: 3, latestError: 'refused: connect ECONNREFUSED 127.0.0.1:5900' }, { kind: 'oneShotConsumed' }, { kind: 'ticketExpired', expiredAtMs: Date.UTC(2026, 0, 1, 12) },
];

const problems: readonly (CliProblem | null)[] = [
  explainTrouble(socket('refused', 'dialing', 'ECONNREFUSED'), context()),
  explainTrouble(socket('unreachable', 'dialing', 'EHOSTUNREACH'), context()),
  explainTrouble(deadline('dialing'), context()),
  explainTrouble(deadline('linking'), context()),
  explainTrouble(socket('fin', 'linking'), context()),
  explainTrouble({ kind: 'link', error: { kind: 'notSpice', firstBytes: Uint8Array.of(72) } }, context()),
  explainTrouble(refused(LinkErrorCode.needSecured), context()),
  explainTrouble(refused(LinkErrorCode.needUnsecured), secured()),
  explainTrouble(refused(LinkErrorCode.permissionDenied), context({}, { passwordOrigin: 'none' })),
  explainTrouble(refused(LinkErrorCode.permissionDenied), context()),
  explainTrouble(refused(LinkErrorCode.permissionDenied), context({ singleUse: true })),
  explainTrouble({ kind: 'link', error: { kind: 'saslOnly' } }, context()),
  explainTrouble(socket('tls', 'dialing', 'SELF_SIGNED_CERT_IN_CHAIN'), secured()),
  explainTrouble(socket('tls', 'dialing', 'SELF_SIGNED_CERT_IN_CHAIN'), secured({ caPem: 'PEM' })),
  explainTrouble(socket('tls', 'dialing', 'ERR_SSL_WRONG_VERSION_NUMBER'), secured()),
  explainTrouble(socket('tls', 'dialing', 'CERT_HAS_EXPIRED'), secured()),
  explainTrouble(socket('proxyUnreached', 'dialing', 'ECONNREFUSED'), context({ proxy })),
  explainTrouble(socket('proxyFailed', 'dialing', 'HTTP_502', 'the proxy made no connection: "502 Bad Gateway"'), context({ proxy })),
  explainTrouble(socket('proxyDenied', 'dialing', 'HTTP_403', 'the proxy does not allow the connection: "403 Filtered"'), context({ proxy })),
  explainTrouble(socket('proxyProtocol', 'dialing', 'PROXY_NOT_HTTP', 'what answers is not an HTTP proxy: it said "SSH-2.0-OpenSSH"'), context({ proxy })),
  explainTrouble(socket('proxyAuth', 'dialing', 'HTTP_407', 'the proxy wants credentials: "407 Proxy Authentication Required"'), context({ proxy })),
  explainTrouble(socket('proxyAuth', 'dialing', 'HTTP_407', 'the proxy does not accept the credentials: "407 Proxy Authentication Required"'), context({ proxy: httpsProxy })),
  explainTrouble(socket('proxyTls', 'dialing', 'SELF_SIGNED_CERT_IN_CHAIN'), context({ proxy: httpsProxy })),
  explainTrouble(lost('fin'), context()),
  explainTrouble(lost('rst'), context()),
  explainTrouble(lost('timeout'), context()),
  explainTrouble({ kind: 'mainLost', cause: { kind: 'fin', code: null, message: '' }, serverReason: 0 }, context()),
  ...heldVariants.map((variant) => problemOf({ kind: 'held', variant, cause: { kind: 'mainLost', cause: { kind: 'rst', code: null, message: '' }, serverReason: null } }, connectionTarget({ host: 'vm.example', port: 5900 }), { text: '', origin: 'none' })),
  captureFault('DIR', report),
];
const printed = new Map(problems.flatMap((problem) => (problem === null ? [] : [[formatProblem(problem), problem] as const])));
const quoted = DOCUMENT.split('\n').filter((line) => line.startsWith('    ryll-actors: ')).map((line) => line.trim());

test('every quoted sentence is one that the program prints', () => {
  expect(quoted.length).toBeGreaterThan(15);
  expect(quoted.filter((line) => !printed.has(line))).toEqual([]);
});

test('every sentence that is made here is in the document', () => {
  expect([...printed.keys()].filter((line) => !quoted.includes(line))).toEqual([]);
});

test('a heading with an exit code has the code of the sentences under it', () => {
  let code: number | null = null;
  const wrong: string[] = [];
  for (const line of DOCUMENT.split('\n')) {
    if (line.startsWith('## ')) code = Number(/exit code (\d+)/.exec(line)?.[1] ?? Number.NaN);
    const problem = printed.get(line.trim());
    if (problem !== undefined && code !== null && !Number.isNaN(code) && EXIT_CODES[problem.exit].code !== code) wrong.push(line);
  }
  expect(wrong).toEqual([]);
});
