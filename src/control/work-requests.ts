// Work requests: the methods that set something going, as pieces of work. It reads their params and refuses what makes no sense; who does
// the work, and when it is answered, is not known here.

import { isSupportedEvent } from './control-event.ts';
import { readFilter } from './event-filter.ts';
import { inputMethods, inputOf } from './input-requests.ts';
import { readInteger, readChoice, readCorners, readNames, readOptionalBoolean, readOptionalInteger, readOptionalText, readRegion, readShare, readText, Refused } from './params.ts';
import type { Params } from './request.ts';
import type { SessionFacts } from './session-facts.ts';
import { reportTypes, type ReportWish } from './session-command.ts';
import type { Wait } from './wait.ts';
import type { PictureTarget, Work } from './work.ts';

const waitMethods = ['wait_stable', 'wait_changed', 'wait_image', 'wait_cursor', 'wait_agent', 'wait_event'] as const;
type WaitMethod = (typeof waitMethods)[number];
export const workMethods = [...inputMethods, 'screenshot', 'stats', 'notifications', 'report', 'traffic', 'disconnect', 'reconnect', ...waitMethods] as const;
export type WorkMethod = (typeof workMethods)[number];

/** A wait that is not told otherwise ends after ten seconds; none is longer than ten minutes. */
const timeoutMs = { min: 0, max: 600_000, fallback: 10_000 };
const quietMs = { min: 0, max: 600_000, fallback: 500 };
const notificationsMax = 500;
const trafficMax = 1_000;

/** @throws Refused */
export function workOf(method: WorkMethod, params: Params, facts: SessionFacts): Work {
  if (isOneOf(inputMethods, method)) return command({ kind: 'input', commands: inputOf(method, params, facts) });
  if (isOneOf(waitMethods, method)) return { kind: 'wait', wait: waitOf(method, params), timeoutMs: readInteger(params, 'timeout_ms', timeoutMs) };
  switch (method) {
    case 'screenshot':
      return { kind: 'screenshot', target: shownTarget(params, facts), format: formatOf(params) };
    case 'traffic':
      return {
        kind: 'traffic',
        channels: (params['channels'] ?? null) === null ? null : readNames(params, 'channels'),
        limit: readInteger(params, 'limit', { min: 1, max: trafficMax, fallback: 50 }),
      };
    case 'notifications':
      return command({
        kind: 'notifications',
        sinceId: readInteger(params, 'since_id', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }),
        limit: readInteger(params, 'limit', { min: 1, max: notificationsMax, fallback: notificationsMax }),
      });
    case 'report':
      return command({ kind: 'report', report: reportOf(params) });
    case 'reconnect':
      if (facts.reconnectRefusal !== null) throw new Refused('bad_state', facts.reconnectRefusal);
      return command({ kind: method });
    case 'stats':
    case 'disconnect':
      return command({ kind: method });
  }
}

/** Longer texts belong into a file beside the report. */
const descriptionCharsMax = 4_000;

function reportOf(params: Params): ReportWish {
  const id = readOptionalInteger(params, 'notification_id', { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (id !== null) return { kind: 'notification', id };
  const description = readOptionalText(params, 'description') ?? '';
  if (description.length > descriptionCharsMax) throw new Refused('bad_params', `description may have ${descriptionCharsMax} characters`);
  const type = readChoice(params, 'type', reportTypes, 'display');
  const region = readCorners(params);
  if (region !== null && type !== 'display') throw new Refused('bad_params', 'a region is of a report of type display');
  return { kind: 'session', type, description, region };
}

const command = (given: Extract<Work, { readonly kind: 'command' }>['command']): Work => ({ kind: 'command', command: given });

function isOneOf<T extends string>(names: readonly T[], name: string): name is T {
  return (names as readonly string[]).includes(name);
}

function targetOf(params: Params): PictureTarget {
  return {
    channelId: readOptionalInteger(params, 'channel_id', { min: 0, max: 255 }),
    surfaceId: readInteger(params, 'surface_id', { min: 0, max: 0xffff_ffff, fallback: 0 }),
    region: readRegion(params),
  };
}

/** A picture that must be there now, with a region on it. */
function shownTarget(params: Params, facts: SessionFacts): PictureTarget {
  const target = targetOf(params);
  const surface = findSurface(facts.surfaces, target);
  if (surface === null) {
    const channel = target.channelId === null ? '' : ` on display channel ${target.channelId}`;
    throw new Refused('no_such_surface', `there is no surface ${target.surfaceId}${channel}; status names those that there are`);
  }
  if (target.region !== null && (target.region.right > surface.width || target.region.bottom > surface.height)) {
    throw new Refused('bad_params', `region reaches past the picture, which is ${surface.width}x${surface.height}`);
  }
  return target;
}

/** The surface that is meant; of several display channels the first. */
export function findSurface<T extends { readonly channelId: number; readonly surfaceId: number }>(surfaces: readonly T[], { channelId, surfaceId }: PictureTarget): T | null {
  const meant = surfaces.filter((surface) => surface.surfaceId === surfaceId && (channelId === null || surface.channelId === channelId));
  return meant.toSorted((a, b) => a.channelId - b.channelId)[0] ?? null;
}

function formatOf(params: Params): 'png' | 'rgba' {
  const format = params['format'] ?? 'png';
  if (format !== 'png' && format !== 'rgba') throw new Refused(typeof format === 'string' ? 'unsupported_format' : 'bad_params', 'format must be png or rgba');
  return format;
}

function waitOf(method: WaitMethod, params: Params): Wait {
  switch (method) {
    case 'wait_stable':
      return { kind: 'stable', target: targetOf(params), quietMs: readInteger(params, 'quiet_ms', quietMs) };
    case 'wait_changed':
      return { kind: 'changed', target: targetOf(params) };
    case 'wait_image':
      return {
        kind: 'image',
        target: targetOf(params),
        template: readText(params, 'template_base64'),
        match: { tolerance: readInteger(params, 'tolerance', { min: 0, max: 255, fallback: 0 }), differing: readShare(params, 'differing') },
      };
    case 'wait_cursor':
      return { kind: 'cursor', visible: readOptionalBoolean(params, 'visible'), region: readRegion(params), changed: readOptionalBoolean(params, 'changed') ?? false };
    case 'wait_agent':
      return { kind: 'agent', connected: readOptionalBoolean(params, 'connected') ?? true };
    case 'wait_event': {
      const event = readText(params, 'event');
      if (!isSupportedEvent(event) || event === 'dropped') throw new Refused('bad_params', 'event must be one that hello names, and not dropped');
      return { kind: 'event', event, filter: readFilter(params, 'filter') };
    }
  }
}
