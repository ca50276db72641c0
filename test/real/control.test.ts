// The control socket against real servers: a firmware's boot menu reached with keys and found by its picture, screenshots equal to the
// server's own pixels, and an X server that is clicked and typed at.
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Region, SessionClient } from '../../dist/client/session-client.js';
import { controlled, pictureOf } from './support/controlled.ts';
import { colourCount, comparePixels } from './support/picture.ts';
import { flushDrawing, qmp, screendump, stopGuest } from './support/qmp.ts';
import { withServer } from './support/servers.ts';
import { INTERRUPTED } from './support/session.ts';
import { until } from './support/still.ts';

const timeoutMs = 60_000;

/** What is written there, once something is and it rests. */
const written = async (client: SessionClient, region: Region): Promise<Uint8Array> =>
  until('something is written', timeoutMs, async () => {
    await client.waitStable({ region, quietMs: 500, timeoutMs });
    const { png, picture } = await pictureOf(client, region);
    return colourCount(picture) > 1 ? png : null;
  });

test('QEMU: the boot menu is reached with keys and known by its picture, and a screenshot is the screen', async () => {
  await withServer('qemu-bios', { EXTRA: '-boot menu=on,splash-time=30000' }, async (server) => {
    const { session, client } = await controlled(server);
    // Rows of text in the firmware's 80x25 characters; none of them has its blinking cursor.
    const prompt = { left: 0, top: 128, right: 216, bottom: 144 };
    const menu = { left: 0, top: 160, right: 216, bottom: 224 };
    const below = { left: 0, top: 240, right: 720, bottom: 400 };
    const promptPng = await written(client, prompt);
    await client.key('esc');
    const menuPng = await written(client, menu);

    await client.waitStable({ region: { left: 0, top: 0, right: 720, bottom: 224 }, quietMs: 1_000, timeoutMs });
    await stopGuest(server);
    // The device draws what the guest had queued when a dump asks for it: after some of them all is drawn.
    await until('the screenshot is the screen', 20_000, async () => {
      const truth = await screendump(server);
      const { picture } = await pictureOf(client);
      const rgba = Buffer.from(String((await client.request('screenshot', { format: 'rgba' }))['data_base64']), 'base64');
      const pictures = [picture.rgb, rgba.filter((_, at) => at % 4 !== 3)].map((rgb) => comparePixels({ ...picture, rgb }, truth).equal);
      return colourCount(truth) > 1 && pictures.every(Boolean) ? true : null;
    });
    await qmp(server, 'cont');

    await qmp(server, 'system_reset');
    await client.waitChanged({ region: menu, timeoutMs });
    let seen = false;
    const found = client.waitImage(menuPng, { timeoutMs }).finally(() => (seen = true));
    expect(await client.waitImage(promptPng, { timeoutMs })).toEqual({ x: prompt.left, y: prompt.top });
    expect(seen).toBe(false);
    await client.key('esc');
    expect(await found).toEqual({ x: menu.left, y: menu.top });
    await expect(client.waitImage(menuPng, { region: below, timeoutMs: 300 })).rejects.toMatchObject({ code: 'timeout' });

    const booting = client.waitChanged({ region: below, timeoutMs });
    await client.request('send_key', { scancode: 0x03, state: 'press' });
    await booting;
    await stopGuest(server);
    // The device draws what was queued only for a dump, and the last of it after that.
    await flushDrawing(server);
    await flushDrawing(server);
    await client.waitStable({ quietMs: 1_500, timeoutMs });
    const last = await pictureOf(client);
    const ended = await session.end();
    expect(ended.code).toBe(INTERRUPTED);
    expect(comparePixels(last.picture, ended.screenshot())).toMatchObject({ equal: true, differing: 0 });
  });
});

test('Xspice: a click moves the pointer there and presses, the wheel turns, text arrives as typed', async () => {
  await withServer('xspice', { SCENE: '' }, async (server) => {
    const { session, client } = await controlled(server);
    await until('the guest’s mouse is absolute', 20_000, () => client.move(1, 1).then(() => true, () => null));
    const xev = spawn('stdbuf', ['-oL', 'xev', '-root'], { env: { ...process.env, DISPLAY: server.get('DISPLAY') }, stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    xev.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    try {
      // Programs that start draw nothing here: it listens once a movement has come.
      await until('xev listens', 20_000, async () => {
        await client.move(2 + Math.floor(Math.random() * 50), 2);
        return said.includes('MotionNotify') ? true : null;
      });
      await client.click(123, 45, { button: 'right' });
      await client.scroll('down');
      await client.type('Ab!~', { charDelayMs: 5 });
      await client.key('ctrl-F5');
      const wanted = [/ButtonPress event[^]*?root:\(123,45\)[^]*?button 3,/, /ButtonRelease event[^]*?root:\(123,45\)[^]*?button 3,/, /ButtonPress event[^]*?button 5,/, ...['A', 'b', 'exclam', 'asciitilde', 'F5'].map((name) => new RegExp(`KeyPress event[^]*?, ${name}\\)`))];
      await until('the X server has all of it', 20_000, () => (wanted.every((one) => one.test(said)) ? true : null)).catch((error: unknown) => { throw new Error(`${String(error)}\n${said.slice(-4_000)}`); });
      // What a client holds is released when it goes.
      await client.key('shift', { state: 'down' });
      await until('it is down', 20_000, () => (/KeyPress event[^]*Shift_L/.test(said) ? true : null));
      said = '';
      await client.close();
      await until('it is up', 20_000, () => (/KeyRelease event[^]*Shift_L/.test(said) ? true : null));
    } finally {
      xev.kill('SIGTERM');
    }
    expect((await session.end()).code).toBe(INTERRUPTED);
  });
});
