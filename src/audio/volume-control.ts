// Volume control: the user's volume and mute as one word of shared memory. The main thread writes it, the playback actor reads it for
// every packet. It is made above the session, so no reconnect, crash or new link changes what the user has set. What the
// guest wishes (VOLUME, MUTE) is the playback channel's state and no part of it.

export interface Volume {
  /** 0 to 100, in whole percent of the amplitude that the server sent. */
  readonly percent: number;
  readonly muted: boolean;
}

/** The word; cloneable, so it travels in a child spec's args. */
export interface VolumeControl {
  readonly buffer: SharedArrayBuffer;
}

export const fullVolume: Volume = { percent: 100, muted: false };

const percentBits = 0xff;
const mutedBit = 0x100;

export function createVolumeControl(volume: Volume = fullVolume): VolumeControl {
  const control = { buffer: new SharedArrayBuffer(4) };
  setVolume(control, volume.percent);
  setMuted(control, volume.muted);
  return control;
}

/** Throws `RangeError` for anything but a whole number from 0 to 100. */
export function setVolume(control: VolumeControl, percent: number): void {
  if (!Number.isInteger(percent) || percent < 0 || percent > 100) throw new RangeError(`a volume is 0 to 100 percent, not ${percent}`);
  store(control, { ...readVolume(control), percent });
}

export function setMuted(control: VolumeControl, muted: boolean): void {
  store(control, { ...readVolume(control), muted });
}

/** Both at once: a reader never sees the volume of one moment with the mute of another. */
export function readVolume(control: VolumeControl): Volume {
  const word = Atomics.load(new Int32Array(control.buffer), 0);
  return { percent: word & percentBits, muted: (word & mutedBit) !== 0 };
}

/** By how many percent samples are multiplied. Mute is a volume of 0 that remembers the other one. */
export const gainPercent = ({ percent, muted }: Volume): number => (muted ? 0 : percent);

function store(control: VolumeControl, { percent, muted }: Volume): void {
  Atomics.store(new Int32Array(control.buffer), 0, percent | (muted ? mutedBit : 0));
}
