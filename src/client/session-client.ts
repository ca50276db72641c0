// Session client: a running session through its control socket, as methods with types: keys, text, mouse, pictures, waits. What each does and
// refuses is docs/control-socket-protocol.md's; this only asks and reads the answer.

import { ControlConnection, RequestRefused, type Fields } from './control-connection.ts';

/** Pixels of the picture; right and bottom are past the rectangle. */
export interface Region {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Which picture, and what part of it. */
export interface PictureOptions {
  /** The display channel; absent = the first. */
  readonly display?: number;
  readonly region?: Region;
}

export interface WaitOptions {
  /** Milliseconds; absent = 10000. */
  readonly timeoutMs?: number;
}

export interface ImageOptions extends PictureOptions, WaitOptions {
  /** Steps of 256 by which each colour may differ; absent = 0. */
  readonly tolerance?: number;
  /** The share of the pixels that may differ by more, 0 to 1; absent = 0. */
  readonly differing?: number;
}

export interface PressOptions {
  /** Absent = `press`: down and up. */
  readonly state?: 'down' | 'up' | 'press';
}

export type MouseButton = 'left' | 'middle' | 'right' | 'side' | 'extra';

export interface Status {
  readonly connected: boolean;
  readonly agentConnected: boolean;
  readonly surfaces: readonly { readonly display: number; readonly width: number; readonly height: number }[];
}

export interface SessionDescription {
  readonly name: string;
  readonly target: string;
  readonly pid: number;
  readonly startedAt: string;
  /** Of the program that runs the session. */
  readonly version: string;
  /** `connecting`, `connected`, `reconnecting`, `held` or `disconnected`. */
  readonly state: string;
  readonly detail: string;
}

export interface Screenshot {
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

/** How long a session has to answer, in milliseconds: it gives up itself after ten seconds. A wait has its own time besides. */
const answerMs = 30_000;
/** A report waits for the disk, which has a minute. */
const reportMs = 90_000;
const waitMs = 10_000;

/** Of one paste; the session types no more at a time. */
const pasteCharactersMax = 4096;

export class SessionClient {
  readonly #connection: ControlConnection;
  readonly #listeners = new Set<(event: string, data: Fields) => void>();

  private constructor(connection: ControlConnection) {
    this.#connection = connection;
    connection.onEvent((event, data) => {
      for (const listener of this.#listeners) listener(event, data);
    });
  }

  /**
   * Connects to the control socket at `path`.
   * @throws SessionUnreachable when nobody listens there; RequestRefused when the session has no room for one more
   */
  static async open(path: string, clientName: string, helloMs: number = answerMs): Promise<SessionClient> {
    const connection = await ControlConnection.open(path);
    try {
      await connection.request('hello', { client_name: clientName, protocol_version: '1.3' }, helloMs);
      return new SessionClient(connection);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Settles when the connection has ended, whoever ended it. */
  get closed(): Promise<void> {
    return this.#connection.closed;
  }

  /** Any method of the protocol, in the protocol's own names. */
  request(method: string, params: Fields = {}): Promise<Fields> {
    const timeoutMs = params['timeout_ms'] ?? waitMs;
    if (method === 'report') return this.#connection.request(method, params, reportMs);
    return this.#connection.request(method, params, answerMs + (method.startsWith('wait_') && typeof timeoutMs === 'number' ? timeoutMs : 0));
  }

  /** Subscribes; `listener` hears every event that this client subscribes to. Returns what ends the listening. */
  async subscribe(events: readonly string[], listener: (event: string, data: Fields) => void): Promise<() => void> {
    this.#listeners.add(listener);
    await this.request('subscribe', { events });
    return () => void this.#listeners.delete(listener);
  }

  async status(): Promise<Status> {
    const result = await this.request('status');
    const surfaces = result['surfaces'] as readonly { readonly channel_id: number; readonly width: number; readonly height: number }[];
    return {
      connected: result['spice_connected'] === true,
      agentConnected: result['agent_connected'] === true,
      surfaces: surfaces.map(({ channel_id: display, width, height }) => ({ display, width, height })),
    };
  }

  async describe(): Promise<SessionDescription> {
    const { started_at: startedAt, ...rest } = await this.request('session');
    return { ...rest, startedAt } as unknown as SessionDescription;
  }

  /** A key or a chord by its names: `F1`, `ctrl-alt-del`, `A`. */
  async key(chord: string, { state = 'press' }: PressOptions = {}): Promise<void> {
    await this.request('send_key', { key: chord, state });
  }

  /**
   * Types a text on a US keyboard and waits until all of it was typed.
   * @param charDelayMs milliseconds from one character to the next
   */
  async type(text: string, { charDelayMs = 10 }: { readonly charDelayMs?: number } = {}): Promise<void> {
    const characters = Array.from(text);
    for (let at = 0; at < characters.length; at += pasteCharactersMax) await this.#paste(characters.slice(at, at + pasteCharactersMax).join(''), charDelayMs);
  }

  async #paste(text: string, charDelayMs: number): Promise<void> {
    let over: (failure: string | null) => void = () => undefined;
    const typed = new Promise<string | null>((resolve) => (over = resolve));
    const stop = await this.subscribe(['paste_completed', 'paste_failed'], (event, data) => {
      if (event === 'paste_completed') over(null);
      else if (event === 'paste_failed') over(String(data['reason']));
    });
    try {
      await this.request('paste', { text, char_delay_ms: charDelayMs });
      const failure = await Promise.race([typed, this.closed.then(() => 'the session ended the connection')]);
      if (failure !== null) throw new RequestRefused('paste_failed', failure);
    } finally {
      stop();
    }
  }

  /** Moves the pointer to a place on the picture. */
  async move(x: number, y: number, { display = 0 }: { readonly display?: number } = {}): Promise<void> {
    await this.request('mouse_move', { x, y, channel_id: display });
  }

  /** Moves the pointer of a guest whose mouse is relative. */
  async moveBy(dx: number, dy: number): Promise<void> {
    await this.request('mouse_motion', { dx, dy });
  }

  async button(button: MouseButton, { state = 'press' }: PressOptions = {}): Promise<void> {
    await this.request('mouse_button', { button, state });
  }

  async click(x: number, y: number, { button = 'left', count = 1, display = 0 }: { readonly button?: MouseButton; readonly count?: number; readonly display?: number } = {}): Promise<void> {
    await this.move(x, y, { display });
    for (let done = 0; done < count; done++) await this.button(button);
  }

  async scroll(direction: 'up' | 'down', steps = 1): Promise<void> {
    await this.request('mouse_wheel', { direction, steps });
  }

  async screenshot(options: PictureOptions = {}): Promise<Screenshot> {
    const result = await this.request('screenshot', pictureParams(options));
    return { width: Number(result['width']), height: Number(result['height']), png: Buffer.from(String(result['data_base64']), 'base64') };
  }

  /** Waits until the picture was the same for `quietMs` (absent = 500). */
  async waitStable({ quietMs, ...options }: PictureOptions & WaitOptions & { readonly quietMs?: number } = {}): Promise<void> {
    await this.request('wait_stable', { ...pictureParams(options), quiet_ms: quietMs ?? null });
  }

  /** Waits until the picture is another than now. */
  async waitChanged(options: PictureOptions & WaitOptions = {}): Promise<void> {
    await this.request('wait_changed', pictureParams(options));
  }

  /** Waits until `template`, the bytes of a PNG file, is on the picture; where its top left corner is. */
  async waitImage(template: Uint8Array, options: ImageOptions = {}): Promise<{ readonly x: number; readonly y: number }> {
    const { tolerance = null, differing = null } = options;
    const result = await this.request('wait_image', { ...pictureParams(options), tolerance, differing, template_base64: Buffer.from(template).toString('base64') });
    return { x: Number(result['x']), y: Number(result['y']) };
  }

  /** Waits until the guest's pointer is as wanted. */
  async waitCursor({ visible, region, changed, timeoutMs }: WaitOptions & { readonly visible?: boolean; readonly region?: Region; readonly changed?: boolean } = {}): Promise<{ readonly x: number; readonly y: number; readonly visible: boolean }> {
    const result = await this.request('wait_cursor', { visible: visible ?? null, region: region ?? null, changed: changed ?? null, timeout_ms: timeoutMs ?? null });
    return { x: Number(result['x']), y: Number(result['y']), visible: result['visible'] === true };
  }

  /** Waits until the guest's agent is there. */
  async waitAgent({ connected = true, timeoutMs }: WaitOptions & { readonly connected?: boolean } = {}): Promise<void> {
    await this.request('wait_agent', { connected, timeout_ms: timeoutMs ?? null });
  }

  /** Waits for an event; its data. */
  async waitEvent(event: string, { filter = {}, timeoutMs }: WaitOptions & { readonly filter?: Fields } = {}): Promise<Fields> {
    return (await this.request('wait_event', { event, filter, timeout_ms: timeoutMs ?? null }))['data'] as Fields;
  }

  /** Begins a new session in place of the present one. */
  async reconnect(): Promise<void> {
    await this.request('reconnect');
  }

  /** Ends the session. */
  async disconnect(): Promise<void> {
    await this.request('disconnect');
  }

  /** Leaves the session, which goes on. What this client holds down is released. */
  close(): Promise<void> {
    return this.#connection.close();
  }
}

function pictureParams({ display, region, timeoutMs }: PictureOptions & WaitOptions): Fields {
  return { channel_id: display ?? null, region: region ?? null, ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }) };
}
