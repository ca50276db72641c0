// A link between threads: two message ports that carry the lanes and a third pair that is the doorbell in both
// directions. The lanes' ports are never started: messages stay in them until the mailbox takes them out one by one, which
// is what lets control overtake data and a turn end in time.

import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort, TransferListItem } from 'node:worker_threads';
import type { Transferable } from './address.ts';
import { createLinkMemory } from './link-words.ts';
import type { LinkMemory } from './link-words.ts';
import { createLocalLink } from './local-link.ts';
import type { LinkEvents, MailboxTimers, ReceiveTransport, SendTransport } from './transport.ts';

/** One end's ports. Cloneable when its ports are transferred along. */
export interface LinkPorts {
  readonly control: MessagePort;
  readonly data: MessagePort;
  readonly bell: MessagePort;
}

/** One end of a link as it is handed to whoever runs the actor there. */
export type SendEnd = { readonly memory: LinkMemory } & (
  { readonly kind: 'ports'; readonly ports: LinkPorts } | { readonly kind: 'local'; readonly transport: SendTransport });
export type ReceiveEnd = { readonly memory: LinkMemory } & (
  { readonly kind: 'ports'; readonly ports: LinkPorts } | { readonly kind: 'local'; readonly transport: ReceiveTransport });

export interface LinkBounds {
  readonly controlMax: number;
  readonly dataMax: number;
  readonly reserve?: number;
}

/** A link whose ends may move to other threads. Whoever makes it hands each end on once. */
export function createThreadLink(bounds: LinkBounds): { memory: LinkMemory; send: SendEnd; receive: ReceiveEnd } {
  const memory = createLinkMemory(bounds);
  const control = new MessageChannel(), data = new MessageChannel(), bell = new MessageChannel();
  return {
    memory,
    send: { kind: 'ports', memory, ports: { control: control.port1, data: data.port1, bell: bell.port1 } },
    receive: { kind: 'ports', memory, ports: { control: control.port2, data: data.port2, bell: bell.port2 } },
  };
}

/** A link whose ends both stay in this thread. */
export function createSameThreadLink(bounds: LinkBounds, timers: MailboxTimers): { memory: LinkMemory; send: SendEnd; receive: ReceiveEnd } {
  const memory = createLinkMemory(bounds);
  const { send, receive } = createLocalLink(timers);
  return { memory, send: { kind: 'local', memory, transport: send }, receive: { kind: 'local', memory, transport: receive } };
}

/** What must be transferred for this end to cross a thread. */
export function portsOf(end: SendEnd | ReceiveEnd): MessagePort[] {
  return end.kind === 'ports' ? [end.ports.control, end.ports.data, end.ports.bell] : [];
}

export function openSendEnd(end: SendEnd): SendTransport {
  if (end.kind === 'local') return end.transport;
  const { ports } = end;
  return {
    post: (lane, message, transfer) => postTo(ports[lane], message, transfer),
    ...bellOf(ports),
  };
}

export function openReceiveEnd(end: ReceiveEnd): ReceiveTransport {
  if (end.kind === 'local') return end.transport;
  const { ports } = end;
  return {
    // Node types the result loosely; it is undefined or `{ message }`.
    take: (lane) => receiveMessageOnPort(ports[lane]) as { message: unknown } | undefined,
    ...bellOf(ports),
  };
}

/** Closes an end that nobody opened. */
export function discardEnd(end: SendEnd | ReceiveEnd): void {
  if (end.kind === 'local') end.transport.close();
  else closePorts(end.ports);
}

function postTo(port: MessagePort, message: unknown, transfer: readonly Transferable[] | undefined): void {
  if (transfer === undefined) port.postMessage(message);
  // The shapes in `Transferable` are those of Node's own objects; the cast is where a pure type meets them.
  else port.postMessage(message, transfer as readonly TransferListItem[]);
}

function bellOf(ports: LinkPorts): Pick<SendTransport, 'ring' | 'listen' | 'close'> {
  let open = true;
  return {
    ring: () => ports.bell.postMessage(null),
    listen: (events: LinkEvents) => {
      ports.bell.on('message', () => events.rung());
      // A port also says `close` to the side that closed it; only the other side's close is news.
      ports.bell.on('close', () => {
        if (open) events.closed();
      });
    },
    close: () => {
      open = false;
      closePorts(ports);
    },
  };
}

function closePorts(ports: LinkPorts): void {
  // The bell goes last, because its close event is the news: by then the lanes are closed as well.
  ports.control.close();
  ports.data.close();
  ports.bell.close();
}
