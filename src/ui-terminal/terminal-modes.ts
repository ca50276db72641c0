// What a terminal is told before the first frame and after the last one. Only the sequences are here; who writes them, and on which
// descriptor, is the dashboard's and the composition root's business.

/**
 * Alternate screen, no cursor, no automatic wrapping. Without wrapping a character in the last column, or one that the terminal
 * takes for wider than we do, can never push the rest of the picture to the next line.
 */
export const terminalSetUpSequence = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[0m\x1b[2J';

/**
 * Passthrough: every movement of the mouse in SGR's numbers, focus, pastes in brackets; and the kitty keyboard protocol with releases, all keys
 * and their places on a US keyboard (flags 1 + 2 + 4 + 8), then the question whether the terminal speaks it. One that does not ignores both.
 */
export const passthroughOnSequence = '\x1b[?1003h\x1b[?1006h\x1b[?1004h\x1b[?2004h\x1b[=15;1u\x1b[?u';

/** Undoes that; a second time it changes nothing. Flags are those of the alternate screen alone, so the shell's stay as they are. */
export const passthroughOffSequence = '\x1b[=0;1u\x1b[?2004l\x1b[?1004l\x1b[?1006l\x1b[?1003l';

/**
 * Undoes `terminalSetUpSequence` from any state, also from the middle of a frame: a first ESC ends a sequence that was cut off,
 * and synchronized output is ended, which a thread that was abandoned inside a frame may have left on.
 * To be written once for each set-up: a second time, terminals move the cursor back over what was printed in between.
 */
export const terminalRestoreSequence = `\x1b[?2026l\x1b[0m${passthroughOffSequence}\x1b[?7h\x1b[?25h\x1b[?1049l`;
