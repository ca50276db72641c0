/**
 * The command line's commands for a session that runs: keys, text, mouse, pictures, waits, its state and its end. Which options there are and
 * what is wrong with them; what they do is control-commands.ts's.
 */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { MouseButton, Region } from '../client/session-client.ts';
import { addReportCommand, type ReportCommand } from './report-command.ts';
import type { ExitName } from './exit-codes.ts';

/** Which session: by its socket or by its name; neither = the only one that there is. */
export interface SessionChoice {
  readonly socket?: string;
  readonly session?: string;
}

export interface PictureChoice {
  readonly display?: number;
  readonly region?: Region;
}

export type WaitedFor =
  | { readonly kind: 'stable'; readonly quietSeconds: number }
  | { readonly kind: 'changed' }
  | { readonly kind: 'image'; readonly file: string; readonly tolerance: number; readonly differing: number }
  | { readonly kind: 'cursor'; readonly visible: boolean | null; readonly changed: boolean }
  | { readonly kind: 'agent'; readonly connected: boolean }
  | { readonly kind: 'event'; readonly event: string };

/** What is asked of a session. */
export type ControlCommand =
  | { readonly kind: 'key'; readonly chords: readonly string[]; readonly state: 'down' | 'up' | 'press' }
  | { readonly kind: 'type'; readonly text: string; readonly enter: boolean; readonly delayMs: number }
  | { readonly kind: 'click'; readonly x: number; readonly y: number; readonly button: MouseButton; readonly count: number; readonly display: number }
  | { readonly kind: 'move'; readonly x: number; readonly y: number; readonly display: number; readonly relative: boolean }
  | { readonly kind: 'scroll'; readonly direction: 'up' | 'down'; readonly steps: number }
  /** `file` `-` = standard output. */
  | ({ readonly kind: 'screenshot'; readonly file: string } & PictureChoice)
  | ({ readonly kind: 'wait'; readonly wait: WaitedFor; readonly timeoutSeconds: number } & PictureChoice)
  | { readonly kind: 'status'; readonly json: boolean }
  | { readonly kind: 'stats' }
  | ReportCommand
  | { readonly kind: 'events'; readonly events: readonly string[] }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'disconnect' };

export interface ControlActions {
  control(command: ControlCommand, choice: SessionChoice): Promise<ExitName>;
  list(options: { readonly json: boolean }): Promise<ExitName>;
}

type Finished = (exit: ExitName) => void;

const exitHelp = '\nExit codes: 0 done, 2 usage, 10 the file could not be written, 16 no such session, 17 the session refused, 18 it did not come in time; all in docs/exit-codes.md.';
const buttons = ['left', 'middle', 'right', 'side', 'extra'] as const satisfies readonly MouseButton[];

export function addControlCommands(program: Command, actions: ControlActions, finished: Finished): void {
  const add = (name: string, description: string): Command => withChoice(program.command(name).description(description).addHelpText('after', exitHelp));
  const run = async (command: ControlCommand, { socket, session }: SessionChoice): Promise<void> =>
    finished(await actions.control(command, { ...(socket === undefined ? {} : { socket }), ...(session === undefined ? {} : { session }) }));

  program
    .command('list')
    .description('list this user\'s sessions')
    .option('--json', 'one JSON array in place of lines', false)
    .action(async (options: { readonly json: boolean }) => finished(await actions.list(options)));

  add('key', 'press keys in a session, one after the other, as in: key esc ctrl-alt-del F1 A')
    .argument('<chords...>', 'names of keys, joined by - to hold them together')
    .addOption(new Option('--state <state>', 'hold or release in place of pressing; what is held is released when the command ends').choices(['down', 'up', 'press']).default('press').hideHelp())
    .action((chords: readonly string[], { state, ...choice }: SessionChoice & { readonly state: 'down' | 'up' | 'press' }) => run({ kind: 'key', chords, state }, choice));

  add('type', 'type a text in a session, on a US keyboard')
    .argument('<text>', 'what is typed; a line end is Enter')
    .option('--enter', 'press Enter after it', false)
    .option('--delay <ms>', 'milliseconds from one character to the next', parseNumber(0, 10_000), 10)
    .action((text: string, { enter, delay, ...choice }: SessionChoice & { readonly enter: boolean; readonly delay: number }) => run({ kind: 'type', text, enter, delayMs: delay }, choice));

  add('click', 'click at a place of a session\'s screen')
    .argument('<x>', 'pixels from the left', parseCoordinate)
    .argument('<y>', 'pixels from the top', parseCoordinate)
    .addOption(new Option('--button <button>', 'which button').choices(buttons).default('left'))
    .option('--count <count>', 'how often, 2 for a double click', parseNumber(1, 10), 1)
    .option('--display <number>', 'which display channel', parseNumber(0, 255), 0)
    .action((x: number, y: number, { button, count, display, ...choice }: SessionChoice & { readonly button: MouseButton; readonly count: number; readonly display: number }) => run({ kind: 'click', x, y, button, count, display }, choice));

  add('move', 'move a session\'s pointer')
    .argument('<x>', 'pixels from the left', parseCoordinate)
    .argument('<y>', 'pixels from the top', parseCoordinate)
    .option('--by', 'by so much, for a guest whose mouse is relative (a minus goes behind --, as in: move --by -- -5 0)', false)
    .option('--display <number>', 'which display channel', parseNumber(0, 255), 0)
    .action((x: number, y: number, { by, display, ...choice }: SessionChoice & { readonly by: boolean; readonly display: number }) => run({ kind: 'move', x, y, display, relative: by }, choice));

  add('scroll', 'turn the mouse wheel in a session')
    .argument('<direction>', 'up or down', parseDirection)
    .argument('[steps]', 'how far', parseNumber(1, 50), 1)
    .action((direction: 'up' | 'down', steps: number, choice: SessionChoice) => run({ kind: 'scroll', direction, steps }, choice));

  withPicture(add('screenshot', 'write a session\'s picture to a PNG file'))
    .argument('<file>', 'the file; - for standard output')
    .action((file: string, { display, region, ...choice }: SessionChoice & PictureChoice) => run({ kind: 'screenshot', file, ...picture({ display, region }) }, choice));

  addWait(program, run);

  add('status', 'say how a session is').option('--json', 'one JSON object in place of lines', false).action(({ json, ...choice }: SessionChoice & { readonly json: boolean }) => run({ kind: 'status', json }, choice));
  add('stats', 'print a session\'s statistics as JSON, as of now').action((choice: SessionChoice) => run({ kind: 'stats' }, choice));
  addReportCommand((name, description) => add(name, description), run);
  add('events', 'print events of a session as they come, one JSON object a line, until Ctrl+C or the session ends')
    .argument('<events...>', 'surface_drawn, notification, session_state, traffic, latency, agent_connected')
    .action((events: readonly string[], choice: SessionChoice) => run({ kind: 'events', events }, choice));
  add('reconnect', 'begin a new session in place of the present one').action((choice: SessionChoice) => run({ kind: 'reconnect' }, choice));
  add('disconnect', 'end a session').action((choice: SessionChoice) => run({ kind: 'disconnect' }, choice));
}

type Run = (command: ControlCommand, choice: SessionChoice) => Promise<void>;
interface WaitGiven extends SessionChoice, PictureChoice {
  readonly timeout: number;
}

function addWait(program: Command, run: Run): void {
  const wait = program.command('wait').description('wait until something shows in a session');
  const add = (name: string, description: string): Command =>
    withChoice(wait.command(name).description(description).option('--timeout <seconds>', 'give up after so long', parseDecimal(0, 600), 10).addHelpText('after', exitHelp));
  const go = (waitedFor: WaitedFor, { timeout, display, region, ...choice }: WaitGiven): Promise<void> =>
    run({ kind: 'wait', wait: waitedFor, timeoutSeconds: timeout, ...picture({ display, region }) }, choice);

  withPicture(add('stable', 'until the picture rests'))
    .option('--quiet <seconds>', 'for so long', parseDecimal(0, 600), 0.5)
    .action(({ quiet, ...given }: WaitGiven & { readonly quiet: number }) => go({ kind: 'stable', quietSeconds: quiet }, given));
  withPicture(add('changed', 'until the picture is another than now')).action((given: WaitGiven) => go({ kind: 'changed' }, given));
  withPicture(add('image', 'until a picture is somewhere on the screen; prints where'))
    .argument('<file>', 'a PNG file; its transparent pixels are free')
    .option('--tolerance <steps>', 'each colour may differ by so many steps of 256', parseNumber(0, 255), 0)
    .option('--differing <share>', 'so many of the pixels may differ by more, 0 to 1', parseDecimal(0, 1), 0)
    .action((file: string, { tolerance, differing, ...given }: WaitGiven & { readonly tolerance: number; readonly differing: number }) => go({ kind: 'image', file, tolerance, differing }, given));
  add('cursor', 'until the guest\'s pointer is as wanted; prints where it is')
    .option('--visible', 'it is shown')
    .option('--hidden', 'it is not shown')
    .option('--changed', 'it is another, or elsewhere, than now', false)
    .option('--region <rectangle>', 'inside of LEFT,TOP,RIGHT,BOTTOM', parseRegion)
    .action(({ visible, hidden, changed, ...given }: WaitGiven & { readonly visible?: true; readonly hidden?: true; readonly changed: boolean }, command: Command) => {
      if (visible === true && hidden === true) command.error('error: give one of --visible and --hidden');
      return go({ kind: 'cursor', visible: visible ?? (hidden === true ? false : null), changed }, given);
    });
  add('agent', 'until the guest\'s agent is there').option('--gone', 'until it is not there', false).action(({ gone, ...given }: WaitGiven & { readonly gone: boolean }) => go({ kind: 'agent', connected: !gone }, given));
  add('event', 'until an event comes; prints it').argument('<event>', 'as of `events`').action((event: string, given: WaitGiven) => go({ kind: 'event', event }, given));
}

function withChoice(command: Command): Command {
  return command.option('--socket <path>', 'the session\'s control socket').option('--session <name>', 'the session\'s name, as `list` shows it (default: the only one)').hook('preAction', (_, called) => {
    const { socket, session } = called.opts<SessionChoice>();
    if (socket !== undefined && session !== undefined) called.error('error: give one of --socket and --session');
  });
}

function withPicture(command: Command): Command {
  return command.option('--region <rectangle>', 'only LEFT,TOP,RIGHT,BOTTOM, in pixels', parseRegion).option('--display <number>', 'which display channel (default: the first)', parseNumber(0, 255));
}

function picture({ display, region }: { readonly display: number | undefined; readonly region: Region | undefined }): PictureChoice {
  return { ...(display === undefined ? {} : { display }), ...(region === undefined ? {} : { region }) };
}

function parseNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= min && number <= max)) throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return number;
  };
}

function parseDecimal(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= min && number <= max)) throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
    return number;
  };
}

function parseCoordinate(text: string): number {
  if (!/^-?\d{1,5}$/.test(text)) throw new InvalidArgumentError('It must be a whole number of pixels.');
  return Number(text);
}

function parseDirection(text: string): 'up' | 'down' {
  if (text !== 'up' && text !== 'down') throw new InvalidArgumentError('It must be up or down.');
  return text;
}

function parseRegion(text: string): Region {
  const numbers = /^\d{1,5}(?:,\d{1,5}){3}$/.test(text) ? text.split(',').map(Number) : [];
  const [left = 0, top = 0, right = 0, bottom = 0] = numbers;
  if (numbers.length !== 4) throw new InvalidArgumentError('It must be LEFT,TOP,RIGHT,BOTTOM in pixels.');
  if (left >= right || top >= bottom) throw new InvalidArgumentError('It has no area: RIGHT must be past LEFT, and BOTTOM past TOP.');
  return { left, top, right, bottom };
}
