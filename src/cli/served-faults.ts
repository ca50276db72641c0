// Served faults on the command line: `serve --fault display/0:fin@3s` as a value for the loopback server, and their list for people. How
// a fault is committed is src/loopback's.

import { loopbackFaultKinds, momentProblem, usualMoment, type FaultAction, type FaultMoment, type LoopbackFault, type LoopbackFaultKind, type PlainFaultKind } from '../loopback/fault-script.ts';
import { ChannelType } from '../protocol/constants.ts';
import { LinkErrorCode } from '../protocol/link-error.ts';
import { parseDuration, splitFaultText } from './fault-text.ts';

const bodyBytesMax = 64 * 1024;
const pieceBytesMax = 65_536;

/**
 * `CHANNEL[/ID]:FAULT[=VALUE][@MOMENT][xLINKS]`: the channel may be `*`; moments are a time after the link (`3s`, `500ms`), `link`, `ticket` and
 * `message:N`; so many links of the channel have the fault (default 1), `xall` all of them, `x2-3` only these.
 * @returns the fault, or what is wrong with the text
 */
export function parseServedFault(text: string): LoopbackFault | string {
  const parts = splitFaultText(text);
  if (parts === null) return `"${text}" is not CHANNEL:FAULT@MOMENT, as in display/0:fin@3s, main:stopPings@500ms, *:idle=60s or cursor:garbage@message:5x2.`;
  const channel = parseChannel(parts.subject);
  if (typeof channel === 'string') return channel;
  if (!Object.hasOwn(loopbackFaultKinds, parts.kind)) return `"${parts.kind}" is not a fault of the server; faults are ${Object.keys(loopbackFaultKinds).join(', ')}.`;
  // The table has just been asked.
  const action = parseAction(parts.kind as LoopbackFaultKind, parts.value);
  if (typeof action === 'string') return `"${text}": ${action}.`;
  const moment = parts.moment === null ? usualMoment(action) : parseMoment(parts.moment);
  if (typeof moment === 'string') return `"${text}": ${moment}.`;
  const problem = momentProblem(action, moment);
  if (problem !== null) return `"${text}": ${problem}.`;
  const links = parts.times ?? { first: 1, last: 1 };
  if (links.first < 1 || links.last < links.first) return `"${text}": links are counted from 1, as in x3, xall, x2-4 or x2-all.`;
  return { ...channel, action, moment, links };
}

/** For `serve --help`. */
export function servedFaultHelp(): string {
  const width = Math.max(...Object.keys(loopbackFaultKinds).map((kind) => kind.length));
  return Object.entries(loopbackFaultKinds).map(([kind, meaning]) => `  ${kind.padEnd(width)}  ${meaning}`).join('\n');
}

function parseChannel(subject: string): Pick<LoopbackFault, 'channelType' | 'channelId'> | string {
  if (subject === '*') return { channelType: null, channelId: null };
  const [name = '', id] = subject.split('/');
  if (!Object.hasOwn(ChannelType, name)) return `"${name}" is not a channel; channels are ${Object.keys(ChannelType).join(', ')}, and * for all.`;
  return { channelType: ChannelType[name as keyof typeof ChannelType], channelId: id === undefined ? null : Number(id) };
}

function parseAction(kind: LoopbackFaultKind, value: string | null): FaultAction | string {
  switch (kind) {
    case 'message':
      return parseMessage(value ?? '');
    case 'split': {
      const bytes = value === null ? 1 : /^\d{1,5}$/.test(value) ? Number(value) : 0;
      return bytes >= 1 && bytes <= pieceBytesMax ? { kind, bytes } : `split=BYTES is a number from 1 to ${pieceBytesMax}`;
    }
    case 'delay': {
      const ms = parseDuration(value ?? '');
      return typeof ms === 'number' && ms > 0 ? { kind, ms } : 'delay=TIME is a time up to an hour, as in delay=200ms';
    }
    case 'refuse': {
      const code = linkErrorCode(value ?? '');
      return code === null ? `refuse=ERROR is a number from 1 or one of ${refusals.join(', ')}` : { kind, code };
    }
    case 'idle': {
      const [time = '', cut = 'fin', ...more] = (value ?? '').split('/');
      const ms = parseDuration(time);
      const isRight = typeof ms === 'number' && ms > 0 && more.length === 0 && (cut === 'fin' || cut === 'rst');
      return isRight ? { kind, ms, cut } : 'idle=TIME is a time up to an hour, as in idle=60s, with /rst for a reset';
    }
    default:
      return value === null ? ({ kind } satisfies { kind: PlainFaultKind }) : `${kind} takes no value`;
  }
}

const refusals = Object.keys(LinkErrorCode).filter((name) => name !== 'ok');

function linkErrorCode(text: string): number | null {
  if (refusals.includes(text)) return LinkErrorCode[text as keyof typeof LinkErrorCode];
  const code = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return code === 0 ? null : code;
}

function parseMessage(value: string): FaultAction | string {
  const [, type, hex = ''] = /^(\d{1,5})(?:\/((?:[0-9a-f]{2})*))?$/i.exec(value) ?? [];
  if (type === undefined || Number(type) > 0xffff) return 'message=TYPE/HEX is a message number up to 65535 and the bytes of its body, as in message=105/0102';
  if (hex.length / 2 > bodyBytesMax) return `the body of a message on the command line is at most ${bodyBytesMax} bytes`;
  return { kind: 'message', type: Number(type), body: Uint8Array.from(Buffer.from(hex, 'hex')) };
}

function parseMoment(text: string): FaultMoment | string {
  if (text === 'link' || text === 'ticket') return { kind: text };
  const number = /^message:(\d+)$/.exec(text)?.[1];
  if (number !== undefined) return Number(number) >= 1 ? { kind: 'message', number: Number(number) } : 'messages are counted from 1';
  const ms = parseDuration(text);
  if (ms === 'tooLong') return 'the time is more than an hour';
  return ms === null ? `"${text}" is not a moment; moments are a time (3s, 500ms), link, ticket and message:N` : { kind: 'time', ms };
}
