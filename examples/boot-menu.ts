// A machine's boot menu, tested from outside: the prompt is waited for, a key pressed, and the menu seen by its picture. It needs a SPICE
// server whose guest says "Press ESC for boot menu", such as
//
//   qemu-system-x86_64 -boot menu=on,splash-time=30000 -vga qxl -spice addr=127.0.0.1,port=5930,disable-ticketing=on
//
// and runs with `node examples/boot-menu.ts 127.0.0.1:5930 menu.png` on a Node that reads TypeScript (22.18 or later); it is JavaScript with types.
// The first run, without menu.png, writes it; later runs wait for it, and end with exit code 1 when it does not come.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, RequestRefused } from 'ryll-actors';

const [source = '127.0.0.1:5930', template = 'menu.png'] = process.argv.slice(2);
/** Where the firmware writes its menu, in rows of 16 pixels. */
const menu = { left: 0, top: 160, right: 216, bottom: 224 };
const prompt = { left: 0, top: 128, right: 216, bottom: 144 };

const session = await connect({ source });
try {
  await session.client.waitStable({ region: prompt, quietMs: 1_000, timeoutMs: 60_000 });
  const shown = session.client.waitChanged({ region: menu, timeoutMs: 10_000 });
  await session.client.key('esc');
  await shown;
  if (existsSync(template)) {
    const { x, y } = await session.client.waitImage(readFileSync(template), { timeoutMs: 10_000 });
    console.log(`the menu is there, at ${x},${y}`);
  } else {
    await session.client.waitStable({ region: menu, quietMs: 1_000 });
    writeFileSync(template, (await session.client.screenshot({ region: menu })).png);
    console.log(`wrote ${template}`);
  }
} catch (error) {
  if (!(error instanceof RequestRefused)) throw error;
  console.error(`the menu did not come: ${error.message}`);
  process.exitCode = 1;
} finally {
  await session.disconnect();
}
