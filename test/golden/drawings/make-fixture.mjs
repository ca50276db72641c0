// Makes drawings.bin and drawings.json: node make-fixture.mjs RECORDING TRUTH.PPM DRAW.LOG
// Where each step draws is the layout of test/real/lab/draw-server.c: 12 cells of 64 x 48 a row for most steps, eight places
// for the big pictures. It reads the wire with code of its own.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [recording, truth, log] = process.argv.slice(2).map((file) => readFileSync(file));
const pingType = 4;
const messages = [];
for (let at = 0; at < recording.length; ) {
  const end = at + 6 + recording.readUInt32LE(at + 2);
  if (recording.readUInt16LE(at) !== pingType) messages.push(recording.subarray(at, end));
  at = end;
}

const header = /^P6\s+(\d+)\s+(\d+)\s+255\s/.exec(truth.subarray(0, 64).toString('latin1'));
const screenWidth = Number(header[1]);
const pixels = truth.subarray(header[0].length);
function hashOf({ left, top, width, height }) {
  const hash = createHash('sha256');
  for (let y = top; y < top + height; y++) hash.update(pixels.subarray((y * screenWidth + left) * 3, (y * screenWidth + left + width) * 3));
  return hash.digest('hex');
}

const noCell = /^(resize|surface-(create|draw|fill|destroy)|cursor|reset|monitors|stream)/;
const steps = [];
let cell = 0;
let big = 0;
for (const line of log.toString().split('\n')) {
  const name = line.startsWith('{"step"') ? JSON.parse(line).step : null;
  if (name === null || noCell.test(name)) continue;
  const place = name.startsWith('big-')
    ? { left: (big % 4) * 200, top: 390 + Math.floor(big++ / 4) * 105, width: 200, height: 100 }
    : { left: 2 + (cell % 12) * 66, top: Math.floor(cell++ / 12) * 48, width: 64, height: 48 };
  steps.push({ name, ...place, rgbSha256: hashOf(place) });
}
writeFileSync(new URL('drawings.bin', import.meta.url), Buffer.concat(messages));
writeFileSync(new URL('drawings.json', import.meta.url), `[\n${steps.map((step) => `  ${JSON.stringify(step)}`).join(',\n')}\n]\n`);
