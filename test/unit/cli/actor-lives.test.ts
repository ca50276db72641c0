import { expect, test } from 'vitest';
import { ActorLives, livesMax } from '#app/cli/actor-lives.js';

const linked = { kind: 'linkPhaseChanged', phase: 'linked', secure: false } as const;
const dialing = { kind: 'linkPhaseChanged', phase: 'dialing', secure: false } as const;
const marked = { kind: 'surfaceMarked' } as const;

test('each generation has the moments that it came to, and the next one begins with none of them', () => {
  const lives = new ActorLives();
  lives.starting('display/0', 10);
  lives.heard('display/0', dialing, 20);
  lives.heard('display/0', linked, 30);
  lives.heard('display/0', marked, 40);
  lives.ended('display/0', { endedMs: 90, lastMarkMs: 80, foundFrozenMs: 85, end: 'frozen' });
  lives.starting('display/0', 100);
  lives.heard('display/0', linked, 130);
  expect(lives.of('display/0')).toEqual([
    { generation: 1, startedMs: 10, linkedMs: 30, pictureMs: 40, lastMarkMs: 80, foundFrozenMs: 85, endedMs: 90, end: 'frozen' },
    { generation: 2, startedMs: 100, linkedMs: 130, pictureMs: null, lastMarkMs: null, foundFrozenMs: null, endedMs: null, end: null },
  ]);
});

test('the first complete picture counts, not those of surfaces that follow', () => {
  const lives = new ActorLives();
  lives.starting('display/0', 0);
  lives.heard('display/0', marked, 5);
  lives.heard('display/0', marked, 500);
  expect(lives.of('display/0').map(({ pictureMs }) => pictureMs)).toEqual([5]);
});

test('a channel that nobody has started has no life, whatever is heard of it', () => {
  const lives = new ActorLives();
  lives.heard('inputs/0', linked, 1);
  lives.ended('inputs/0', { endedMs: 2, lastMarkMs: null, foundFrozenMs: null, end: 'killed' });
  expect(lives.of('inputs/0')).toEqual([]);
});

test('only the newest lives are kept, under their own generations', () => {
  const lives = new ActorLives();
  for (let generation = 1; generation <= livesMax + 3; generation++) lives.starting('cursor/0', generation);
  expect(lives.of('cursor/0')).toHaveLength(livesMax);
  expect(lives.of('cursor/0').map(({ generation }) => generation)).toEqual(Array.from({ length: livesMax }, (_, index) => index + 4));
});
