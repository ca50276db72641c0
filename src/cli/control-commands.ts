// Control commands: what the command line asks of a session that runs, done through its control socket: the session is found, asked, and its
// answer becomes lines, a file and an exit code. The session itself is another process.

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { RequestRefused, SessionUnreachable, type Fields } from '../client/control-connection.ts';
import { SessionClient, type SessionDescription } from '../client/session-client.ts';
import { isSessionName, listSessions, socketFolder, socketPath } from '../client/session-sockets.ts';
import type { ControlCommand, PictureChoice, SessionChoice, WaitedFor } from './control-arguments.ts';
import { fail, formatProblem, succeed, type CliProblem, type Outcome } from './cli-problem.ts';
import { reportParams, reportText } from './report-command.ts';
import type { ExitName } from './exit-codes.ts';

export interface CommandOutput {
  out(text: string): void;
  error(text: string): void;
}

export async function controlCommand(command: ControlCommand, choice: SessionChoice, output: CommandOutput): Promise<ExitName> {
  const found = await findSession(choice);
  if (!found.ok) return tell(output, found.problem);
  let client: SessionClient | null = null;
  try {
    client = await SessionClient.open(found.value, `ryll-actors ${command.kind}`);
    await perform(client, command, output);
    return 'ok';
  } catch (error) {
    return tell(output, problemOf(error, found.value));
  } finally {
    await client?.close();
  }
}

export async function listCommand({ json }: { readonly json: boolean }, output: CommandOutput): Promise<ExitName> {
  const sessions = await listSessions();
  if (json) output.out(`${JSON.stringify(sessions.map(({ path, session }) => ({ socket: path, ...(session === null ? {} : described(session)) })), null, 2)}\n`);
  else if (sessions.length === 0) output.out('no sessions\n');
  else for (const { path, session } of sessions) output.out(session === null ? `? ${path} (does not answer)\n` : `${session.name}  pid ${session.pid}  ${session.state}  ${session.target}\n`);
  return 'ok';
}

const described = ({ name, target, pid, startedAt, version, state, detail }: SessionDescription): Fields => ({ name, target, pid, started_at: startedAt, version, state, detail });

/** The socket of the session that is meant. */
async function findSession({ socket, session }: SessionChoice): Promise<Outcome<string>> {
  if (socket !== undefined) return succeed(socket);
  if (session !== undefined) return isSessionName(session) ? succeed(socketPath(session)) : fail('session.name', 'usage', `"${session}" is no session's name; \`ryll-actors list\` shows them.`);
  const sessions = await listSessions();
  const [only] = sessions;
  if (only === undefined) return fail('session.none', 'noSession', `No session runs (looked in ${socketFolder()}); start one with \`ryll-actors connect\`, or name its socket with --socket.`);
  if (sessions.length === 1) return succeed(only.path);
  return fail('session.several', 'noSession', `${sessions.length} sessions run; say which with --session: ${sessions.map((each) => each.session?.name ?? each.path).join(', ')}.`);
}

function problemOf(error: unknown, path: string): CliProblem {
  if (error instanceof SessionUnreachable) return { code: 'session.unreachable', exit: 'noSession', message: `No session at ${path}: ${error.message}; \`ryll-actors list\` shows those that run.` };
  if (error instanceof RequestRefused) return { code: `session.${error.code}`, exit: error.code === 'timeout' ? 'waitTimedOut' : 'sessionRefused', message: `The session said: ${error.message}.` };
  if (error instanceof FileProblem) return { code: error.code, exit: error.exit, message: error.message };
  throw error;
}

/** A file of the command's own. */
class FileProblem extends Error {
  override readonly name = 'FileProblem';
  readonly code: string;
  readonly exit: ExitName;

  constructor(code: string, exit: ExitName, message: string) {
    super(message);
    this.code = code;
    this.exit = exit;
  }
}

async function perform(client: SessionClient, command: ControlCommand, output: CommandOutput): Promise<void> {
  switch (command.kind) {
    case 'key':
      for (const chord of command.chords) await client.key(chord, { state: command.state });
      return;
    case 'type':
      if (command.text !== '') await client.type(command.text, { charDelayMs: command.delayMs });
      if (command.enter) await client.key('enter');
      return;
    case 'click':
      return client.click(command.x, command.y, command);
    case 'move':
      return command.relative ? client.moveBy(command.x, command.y) : client.move(command.x, command.y, command);
    case 'scroll':
      return client.scroll(command.direction, command.steps);
    case 'screenshot': {
      const { png, width, height } = await client.screenshot(command);
      if (command.file === '-') await write(png);
      else writeWhole(command.file, png);
      if (command.file !== '-') output.out(`wrote ${command.file}, ${width}x${height}\n`);
      return;
    }
    case 'wait':
      output.out(await waitFor(client, command.wait, { ...command, timeoutMs: Math.round(command.timeoutSeconds * 1000) }));
      return;
    case 'status': {
      const [session, status] = [await client.describe(), await client.request('status')];
      output.out(command.json ? `${JSON.stringify({ ...described(session), ...status }, null, 2)}\n` : statusText(session, status));
      return;
    }
    case 'stats':
      output.out(`${JSON.stringify(await client.request('stats'), null, 2)}\n`);
      return;
    case 'report': {
      const result = await client.request('report', reportParams(command));
      output.error(`ryll-actors: ${String(result['privacy'])}\n`);
      output.out(reportText(result));
      return;
    }
    case 'events':
      return follow(client, command.events, output);
    case 'reconnect':
      return client.reconnect();
    case 'disconnect':
      return client.disconnect();
  }
}

type WaitParams = PictureChoice & { readonly timeoutMs: number };

/** What is printed of what came. */
async function waitFor(client: SessionClient, wait: WaitedFor, params: WaitParams): Promise<string> {
  switch (wait.kind) {
    case 'stable':
      await client.waitStable({ ...params, quietMs: Math.round(wait.quietSeconds * 1000) });
      return '';
    case 'changed':
      await client.waitChanged(params);
      return '';
    case 'image': {
      const { x, y } = await client.waitImage(readTemplate(wait.file), { ...params, tolerance: wait.tolerance, differing: wait.differing });
      return `${x} ${y}\n`;
    }
    case 'cursor': {
      const { x, y } = await client.waitCursor({ ...params, ...(wait.visible === null ? {} : { visible: wait.visible }), changed: wait.changed });
      return `${x} ${y}\n`;
    }
    case 'agent':
      await client.waitAgent({ ...params, connected: wait.connected });
      return '';
    case 'event':
      return `${JSON.stringify({ event: wait.event, data: await client.waitEvent(wait.event, params) })}\n`;
  }
}

/** A request is one line of at most a mebibyte, and base64 makes four bytes of three. */
const templateBytesMax = 768 * 1024 - 512;

function readTemplate(file: string): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new FileProblem('wait.template', 'sourceInvalid', `The image cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
  if (bytes.length > templateBytesMax) throw new FileProblem('wait.templateSize', 'sourceInvalid', `${file} has ${bytes.length} bytes, and ${templateBytesMax} are the most that can be asked for: cut out a smaller part of the screen.`);
  return bytes;
}

/** The file appears whole or not at all. */
function writeWhole(file: string, bytes: Uint8Array): void {
  const unfinished = `${file}.part`;
  try {
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new FileProblem('output.screenshot', 'outputFailed', `The screenshot could not be written to ${file}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

async function write(bytes: Uint8Array): Promise<void> {
  if (!process.stdout.write(bytes)) await once(process.stdout, 'drain');
}

function statusText({ name, pid, target, state, detail, startedAt }: SessionDescription, { surfaces, agent_connected: agent }: Fields): string {
  const pictures = (surfaces as readonly { readonly channel_id: number; readonly width: number; readonly height: number }[]).map(({ channel_id: display, width, height }) => `display ${display}: ${width}x${height}`);
  return `${[`session ${name}, pid ${pid}, since ${startedAt}`, `${state} to ${target}${detail === '' ? '' : ` (${detail})`}`, ...pictures, agent === true ? 'the guest\'s agent is there' : 'no guest agent'].join('\n')}\n`;
}

/** Until the session ends the connection, or a signal ends this process. */
async function follow(client: SessionClient, events: readonly string[], output: CommandOutput): Promise<void> {
  const stop = await client.subscribe(events, (event, data) => output.out(`${JSON.stringify({ event, data })}\n`));
  await client.closed;
  stop();
}

function tell(output: CommandOutput, problem: CliProblem): ExitName {
  output.error(`${formatProblem(problem)}\n`);
  return problem.exit;
}
