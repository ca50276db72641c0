// Audio device: a player program as a child process that samples are written to. It keeps a fifth of a second waiting at most and drops
// what is more; a player that ends is told once and tried again with the sound after that. Sound never waits for it.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { blockBytes, isSameFormat, type SoundFormat } from '../audio/sound-format.ts';
import type { AudioCounters, AudioEvent } from './audio-mail.ts';
import { players, type PlayerName } from './audio-players.ts';
import type { Host } from './kernel/host.ts';

const waitingMsMax = 200;
/** A player that ended is not started again before. One that lived for so long was well. */
const againMs = 5_000;
const stopMs = 1_000;
const lastWordsMax = 400;

export interface AudioDeviceParts {
  readonly player: PlayerName;
  readonly host: Pick<Host, 'clock' | 'timers'>;
  readonly counters: AudioCounters;
  tell(event: AudioEvent): void;
}

interface Playing {
  readonly format: SoundFormat;
  readonly child: ChildProcessByStdio<Writable, null, Readable>;
  readonly startedMs: number;
  readonly ended: Promise<void>;
}

export class AudioDevice {
  readonly #parts: AudioDeviceParts;
  #playing: Playing | null = null;
  #againAtMs = 0;
  /** A player has ended, and none was well since: people know. */
  #isTold = false;

  constructor(parts: AudioDeviceParts) {
    this.#parts = parts;
  }

  /** `pcm` is the device's from now on. */
  play(format: SoundFormat, pcm: Uint8Array): void {
    const { counters, host } = this.#parts;
    const samples = pcm.length / blockBytes(format);
    if (this.#playing !== null && !isSameFormat(this.#playing.format, format)) void this.#leave(this.#playing);
    if (this.#playing === null && host.clock.monotonicMs() >= this.#againAtMs) this.#playing = this.#start(format);
    const stdin = this.#playing?.child.stdin;
    const waitingMax = (format.frequencyHz * blockBytes(format) * waitingMsMax) / 1000;
    if (stdin === undefined || stdin.writableLength > waitingMax) return counters.device_samples_dropped.add(samples);
    stdin.write(pcm);
    counters.device_samples.add(samples);
  }

  /** Lets the player end by itself, for a moment. */
  async stop(): Promise<void> {
    if (this.#playing !== null) await this.#leave(this.#playing);
  }

  /** Nothing more is written to it; what it says from now on is nobody's business. */
  async #leave({ child, ended }: Playing): Promise<void> {
    this.#playing = null;
    child.stdin.end();
    const cancel = this.#parts.host.timers.after(stopMs, () => child.kill('SIGKILL'));
    await ended;
    cancel();
  }

  #start(format: SoundFormat): Playing {
    const { player, host } = this.#parts;
    // A process group of its own: Ctrl+C on the terminal is for the client, which lets the player end.
    const child = spawn(player, players[player].args(format), { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
    let lastWords = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-lastWordsMax)));
    // A player that has gone takes nothing more: its end says so.
    child.stdin.on('error', () => undefined);
    const ended = new Promise<void>((resolve) => {
      const over = (reason: string): void => {
        resolve();
        if (this.#playing?.child === child) this.#ended(this.#playing, lastWords.trim() === '' ? reason : `${reason}: ${lastWords.trim().replaceAll(/\s+/g, ' ')}`);
      };
      child.once('error', (error) => over(error.message));
      child.once('close', (code, signal) => over(signal === null ? `exit code ${code}` : signal));
    });
    return { format, child, startedMs: host.clock.monotonicMs(), ended };
  }

  #ended(playing: Playing, detail: string): void {
    const { host, player } = this.#parts;
    const nowMs = host.clock.monotonicMs();
    this.#playing = null;
    this.#againAtMs = nowMs + againMs;
    if (nowMs - playing.startedMs >= againMs) this.#isTold = false;
    if (!this.#isTold) this.#parts.tell({ kind: 'playerEnded', program: player, detail });
    this.#isTold = true;
  }
}
