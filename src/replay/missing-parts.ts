// What a recording lacks, in sentences: the beginning of a connection, messages in its middle, bytes that are no whole message. Only of what
// the server said: a replay needs nothing else.

import type { RecordedMessage } from '../capture/read/recorded-message.ts';

interface Lack {
  startBytes: number | null;
  places: number;
  bytes: number;
  skipped: number;
}

const SENTENCES_MAX = 100;

export class MissingParts {
  readonly #lacks = new Map<string, Lack>();
  readonly #said = new Set<string>();

  /** Each sentence once. */
  say(sentence: string): void {
    if (this.#said.size < SENTENCES_MAX) this.#said.add(sentence);
  }

  /** @param isFirst of its connection */
  note({ channel, stream, missingBefore, skippedBefore }: RecordedMessage, isFirst: boolean): void {
    if (missingBefore === 0 && skippedBefore === 0) return;
    const place = stream === 0 ? channel : `${channel}, connection ${stream + 1}`;
    const lack = this.#lacks.get(place) ?? { startBytes: 0, places: 0, bytes: 0, skipped: 0 };
    this.#lacks.set(place, lack);
    if (isFirst || missingBefore === null) lack.startBytes = missingBefore;
    else if (missingBefore > 0) {
      lack.places += 1;
      lack.bytes += missingBefore;
    }
    lack.skipped += skippedBefore;
  }

  get sentences(): readonly string[] {
    const lacks = Array.from(this.#lacks, ([place, { startBytes, places, bytes, skipped }]) => [
      ...(startBytes === 0 ? [] : [`${place}: ${startBytes === null ? 'the beginning is' : `the first ${startBytes} bytes are`} missing; pictures, caches and states from before are unknown`]),
      ...(places === 0 ? [] : [`${place}: ${bytes} bytes are missing in ${places} place${places === 1 ? '' : 's'} in between`]),
      ...(skipped === 0 ? [] : [`${place}: ${skipped} bytes are no whole message`]),
    ]);
    return [...lacks.flat(), ...this.#said].slice(0, SENTENCES_MAX);
  }
}
