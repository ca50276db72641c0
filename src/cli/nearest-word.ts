/**
 * The known word that somebody most likely meant by an unknown one: for sentences that end in "did you mean …". Pure; it decides nothing.
 */

/** Longer words are not compared: nobody mistypes that much, and the cost grows with the square. */
const WORD_CHARS_MAX = 40;

/** Null when none is near: at most a third of the letters may differ, and at most three. Upper case and `_` for `-` cost nothing. */
export function nearestWord(word: string, known: readonly string[]): string | null {
  const plain = plainOf(word);
  if (plain === '' || plain.length > WORD_CHARS_MAX) return null;
  const furthest = Math.min(3, Math.floor(plain.length / 3));
  let nearest: string | null = null;
  let least = furthest + 1;
  for (const candidate of known) {
    const distance = distanceOf(plain, plainOf(candidate));
    if (distance < least) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
}

function plainOf(word: string): string {
  return word.toLowerCase().replaceAll('_', '-');
}

/** How many letters must be added, left out, replaced or swapped with their neighbour (optimal string alignment). */
function distanceOf(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from(to + ' ', (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min((last[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      if (from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) cost = Math.min(cost, (beforeLast[column - 2] ?? row) + 1);
      line.push(cost);
    }
    beforeLast = last;
    last = line;
  }
  return last[to.length] ?? 0;
}
