// Input probe: the time from a key or button press that was sent until the next drawing of a display, measured by the two channels themselves through one
// piece of shared memory: the inputs channel notes the press, the display that draws first takes it. Nobody waits and nothing is posted; a press that no
// drawing follows is counted as unanswered.

/** Presses whose answers can be read by who looks seldom. */
export const keptAnswers = 1_024;
/** A drawing later than this after the press is no answer to it, but a clock on the screen. */
export const answerMsMax = 2_000;

const PRESSED = 0, ANSWERED = 1, UNANSWERED = 2, COUNT = 3, SLOTS = 16;
/** Of each kept answer, in words of 8 bytes: from the press to the drawing, and when the drawing was. */
const PRESSED_AT = 0, LAG = 0, AT = 1, SLOT_WORDS = 2, FIRST_SLOT = 1;
const wordsBytes = (SLOTS + keptAnswers) * 4;

/** As it travels to both channels and to readers. */
export type InputProbeMemory = SharedArrayBuffer;

export function createInputProbe(): InputProbeMemory {
  return new SharedArrayBuffer(wordsBytes + (FIRST_SLOT + keptAnswers * SLOT_WORDS) * 8);
}

const slotOf = (press: number): number => press % keptAnswers;

function open(memory: InputProbeMemory): { readonly words: Int32Array; readonly times: Float64Array } {
  return { words: new Int32Array(memory, 0, SLOTS + keptAnswers), times: new Float64Array(memory, wordsBytes) };
}

/** The inputs channel's side: a press was sent, at this moment of the monotonic clock. */
export function inputNoter(memory: InputProbeMemory): (nowMs: number) => void {
  const { words, times } = open(memory);
  return (nowMs) => {
    const press = Atomics.load(words, PRESSED);
    if (press !== Atomics.load(words, ANSWERED)) {
      // Keys that are typed faster than the guest draws are measured from the first of them.
      if (nowMs - (times[PRESSED_AT] ?? 0) <= answerMsMax) return;
      Atomics.add(words, UNANSWERED, 1);
    }
    times[PRESSED_AT] = nowMs;
    Atomics.store(words, PRESSED, press + 1);
  };
}

/** A display's side: something was drawn. Two loads where nothing was pressed. The answer is the time since the press that this drawing answers, if it does. */
export function paintNoter(memory: InputProbeMemory): (nowMs: () => number) => number | null {
  const { words, times } = open(memory);
  return (nowMs) => {
    const press = Atomics.load(words, PRESSED);
    const answered = Atomics.load(words, ANSWERED);
    if (press === answered) return null;
    const atMs = nowMs();
    const lagMs = atMs - (times[PRESSED_AT] ?? 0);
    // The next press counts it as unanswered. Of two displays one takes it.
    if (lagMs > answerMsMax || Atomics.compareExchange(words, ANSWERED, answered, press) !== answered) return null;
    const slot = FIRST_SLOT + slotOf(press) * SLOT_WORDS;
    times[slot + LAG] = lagMs;
    times[slot + AT] = atMs;
    Atomics.store(words, SLOTS + slotOf(press), press);
    Atomics.add(words, COUNT, 1);
    return lagMs;
  };
}

export interface InputAnswer {
  /** Counted from 1. */
  readonly press: number;
  readonly lagMs: number;
  /** When the drawing was, by the monotonic clock. */
  readonly atMs: number;
}

export interface InputProbeCounts {
  /** Presses that were measured: of several in a row before a drawing, the first. */
  readonly presses: number;
  readonly answered: number;
  readonly unanswered: number;
}

export function readInputProbe(memory: InputProbeMemory): InputProbeCounts {
  const { words } = open(memory);
  return { presses: Atomics.load(words, PRESSED), answered: Atomics.load(words, COUNT), unanswered: Atomics.load(words, UNANSWERED) };
}

/** Answers to presses after this one, oldest first; at most the last `keptAnswers`. */
export function answersAfter(memory: InputProbeMemory, press: number): readonly InputAnswer[] {
  const { words, times } = open(memory);
  const newest = Atomics.load(words, PRESSED);
  const answers: InputAnswer[] = [];
  for (let each = Math.max(press, newest - keptAnswers) + 1; each <= newest; each++) {
    if (Atomics.load(words, SLOTS + slotOf(each)) !== each) continue;
    const slot = FIRST_SLOT + slotOf(each) * SLOT_WORDS;
    answers.push({ press: each, lagMs: times[slot + LAG] ?? 0, atMs: times[slot + AT] ?? 0 });
  }
  return answers;
}
