// The terminal's frame: from a view and the guest's pixels to cells to bytes, as the dashboard's thread does it up to fifteen times a
// second, against one plain copy of the guest's picture. Nothing is written anywhere: how fast a terminal takes bytes is its own business.
import { createCellEncoder } from '#app/ui-terminal/cell-bytes.js';
import { createGrid } from '#app/ui-terminal/cells.js';
import { samplePicture } from '#app/ui-terminal/picture.js';
import { applyToView, createView } from '#app/ui-terminal/view-model.js';
import { drawView, layoutOf } from '#app/ui-terminal/view.js';
import { interfacePicture, photoPicture } from './support/pictures.mjs';
import { compare, inThread } from './support/ratios.mjs';

const GUEST = { width: 1280, height: 800 };

const actorOf = (id, parent, atMs, more) => ({
  id, parent, state: 'running', generation: 1, restarts: 0, threadId: 3, mailbox: { depth: 1, highWater: 12, max: 256 }, traffic: null,
  pings: 7, pongs: 7, gaps: 0, drops: 0, lastActivityMs: atMs - 400, ...more,
});
const trafficOf = (rate, atMs) => ({ bytesReceived: rate * atMs, bytesSent: atMs, messagesReceived: (rate * atMs) / 1500, messagesSent: atMs / 10 });

/** What the hub's sample looks like with six channels. */
function snapshotAt(atMs) {
  const channels = ['main/0', 'display/0', 'inputs/0', 'cursor/0', 'playback/0', 'record/0'];
  return {
    atMs,
    session: { label: '127.0.0.1:5900', title: 'guest', state: 'connected', detail: '', connectedAtMs: 1000 },
    actors: [
      ...['hub', 'writer', 'dashboard', 'session'].map((id) => actorOf(id, null, atMs)),
      ...channels.map((id, index) => actorOf(id, 'session', atMs, { traffic: trafficOf(2000 >> index, atMs), gaps: index % 2 })),
    ],
  };
}

function viewOf(columns, rows) {
  let view = createView(columns, rows, '127.0.0.1:5900');
  for (let atMs = 60_000; atMs <= 61_250; atMs += 250) view = applyToView(view, { kind: 'stats', snapshot: snapshotAt(atMs) });
  for (let index = 0; index < 40; index++) view = applyToView(view, { kind: 'event', event: { kind: 'noted', wallMs: 1_700_000_000_000 + index * 900, severity: index % 5 === 0 ? 'warning' : 'info', source: 'display/0', text: `event ${index}: something about the session` } });
  return applyToView(view, { kind: 'picture', size: GUEST });
}

const sourceOf = ({ width, height, words }) => ({ width, height, strideWords: width, words });
const scrolled = [interfacePicture(GUEST.width, GUEST.height), interfacePicture(GUEST.width, GUEST.height, 13)].map(sourceOf);
const photos = [photoPicture(GUEST.width, GUEST.height, 1), photoPicture(GUEST.width, GUEST.height, 2)].map(sourceOf);

for (const [columns, rows] of [[80, 24], [160, 48]]) {
  const view = viewOf(columns, rows);
  const pane = layoutOf(view, columns, rows).picture;
  if (pane === null) throw new Error(`no room for a picture in ${columns}x${rows}`);
  let bytesOfFrame = {};

  /** Two frames after each other, so that each differs from the one before as two pictures of a session do. */
  const frames = (name, [first, second], kind) => {
    const encoder = createCellEncoder('truecolor');
    let [shown, spare] = [createGrid(columns, rows), createGrid(columns, rows)];
    const sampled = [samplePicture(first, pane.columns, pane.rows), samplePicture(second, pane.columns, pane.rows)];
    let turn = 0;
    const frame = () => {
      turn ^= 1;
      const picture = kind === 'pixels' ? samplePicture(turn === 0 ? first : second, pane.columns, pane.rows) : sampled[kind === 'still' ? 0 : turn];
      drawView(spare, view, picture, true);
      const bytes = encoder.encode(shown, spare);
      [shown, spare] = [spare, shown];
      return bytes.length;
    };
    frame();
    frame();
    bytesOfFrame = { ...bytesOfFrame, [name]: frame() };
    return [name, inThread(frame)];
  };

  const copyTarget = new Uint32Array(GUEST.width * GUEST.height);
  const contestants = Object.fromEntries([
    ['plain copy of the picture', inThread(() => copyTarget.set(scrolled[0].words))],
    ['sampling its pixels alone', inThread(() => samplePicture(scrolled[0], pane.columns, pane.rows))],
    frames('frame, nothing new in it', scrolled, 'still'),
    frames('frame, text scrolls', scrolled, 'pixels'),
    frames('frame, every cell of it new', photos, 'pixels'),
  ]);
  await compare(`terminal of ${columns}x${rows}, the guest's ${GUEST.width}x${GUEST.height} in ${pane.columns}x${pane.rows} cells`, contestants, {
    columns: { microseconds: (ns) => (ns / 1000).toFixed(ns < 100_000 ? 1 : 0) },
  });
  console.log(`bytes for the terminal: ${Object.entries(bytesOfFrame).map(([name, bytes]) => `${bytes} (${name})`).join(', ')}\n`);
}
