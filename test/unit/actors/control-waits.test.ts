// Waits over shared memory in virtual time: what they look at, how seldom, and that nothing of them is left.
import { expect, test } from 'vitest';
import type { SharedFacts } from '#app/actors/control-mail.js';
import { ControlWaits } from '#app/actors/control-waits.js';
import { createVirtualHost } from '#app/actors/kernel/virtual-host.js';
import type { Answer } from '#app/control/request.js';
import type { Wait } from '#app/control/wait.js';
import type { PictureResult, PictureTask } from '#app/pool/picture-task.js';
import { beginDrawing, createSurface, endDrawing, surfaceByteLength } from '#app/surface/shared-surface.js';
import { sharedFacts } from '../../support/control-facts.ts';

const target = { channelId: null, surfaceId: 0, region: null };

function world() {
  const host = createVirtualHost({ seed: 1 });
  const buffer = new SharedArrayBuffer(surfaceByteLength(4, 2));
  const surface = createSurface(buffer, 4, 2, 32);
  const tasks: { readonly task: PictureTask; readonly done: (result: PictureResult) => void }[] = [];
  let facts: SharedFacts = sharedFacts();
  const waits = new ControlWaits({
    clock: host.clock, timers: host.timers, facts: () => facts, changed: () => undefined, guarded: (run) => run(),
    pictures: { run: (task) => new Promise((done) => tasks.push({ task, done })), close: () => Promise.resolve() },
  });
  return {
    host, waits, tasks,
    show: () => void (facts = sharedFacts({ surfaces: [{ channelId: 0, surfaceId: 0, width: 4, height: 2, buffer }] })),
    draw: (pixel: number) => {
      beginDrawing(surface);
      surface.words[3] = pixel;
      endDrawing(surface);
    },
    begin: (wait: Wait, timeoutMs = 1_000) => {
      const answers: Answer[] = [];
      const key = {};
      waits.begin(key, wait, timeoutMs, (answer) => answers.push(answer));
      return { answers, key };
    },
  };
}

test('a picture that comes is a change; one that is drawn over with itself is none', async () => {
  const { waits, show, draw, begin } = world();
  const first = begin({ kind: 'changed', target });
  waits.look();
  expect(first.answers).toEqual([]);
  show();
  waits.look();
  expect(first.answers).toMatchObject([{ ok: true }]);
  const second = begin({ kind: 'changed', target });
  draw(0);
  waits.look();
  expect(second.answers).toEqual([]);
  draw(7);
  waits.look();
  expect(second.answers).toMatchObject([{ ok: true }]);
});

test('rest is measured from the last change, and its time is the clock’s', async () => {
  const { host, waits, show, draw, begin } = world();
  show();
  const { answers } = begin({ kind: 'stable', target, quietMs: 100 });
  await host.advance(60);
  draw(1);
  waits.look();
  await host.advance(60);
  waits.look();
  expect(answers).toEqual([]);
  await host.advance(40);
  waits.look();
  expect(answers).toEqual([{ ok: true, result: { quiet_ms: 100, waited_ms: 160 } }]);
});

test('a wait that is answered, late or abandoned leaves no timer, and is answered once at most', async () => {
  const { host, waits, begin } = world();
  const late = begin({ kind: 'agent', connected: true }, 50);
  const gone = begin({ kind: 'agent', connected: true });
  expect(begin({ kind: 'agent', connected: false }).answers).toMatchObject([{ ok: true }]);
  waits.abandon(gone.key);
  await host.advance(2_000);
  waits.event({ kind: 'agent_connected', connected: true });
  expect(late.answers).toEqual([{ ok: false, error: { code: 'timeout', message: 'the agent was not as wanted within 50 ms' } }]);
  expect([gone.answers, waits.count, host.pending]).toEqual([[], 0, 0]);
});

test('an image is searched once for each picture that was drawn, one search at a time, and not at all before it was read', async () => {
  const { host, waits, show, draw, begin, tasks } = world();
  show();
  const { answers } = begin({ kind: 'image', target, template: 'x', match: { tolerance: 0, differing: 0 } });
  waits.look();
  expect(tasks.map(({ task }) => task.kind)).toEqual(['readTemplate']);
  tasks[0]?.done({ kind: 'template', template: { width: 1, height: 1, rgba: new SharedArrayBuffer(4) } });
  await host.settle();
  draw(1);
  waits.look();
  waits.look();
  expect(tasks.map(({ task }) => task.kind)).toEqual(['readTemplate', 'find']);
  tasks[1]?.done({ kind: 'absent' });
  await host.settle();
  waits.look();
  waits.look();
  expect(tasks).toHaveLength(3);
  tasks[2]?.done({ kind: 'absent' });
  await host.settle();
  waits.look();
  expect(tasks).toHaveLength(3);
  draw(2);
  waits.look();
  tasks[3]?.done({ kind: 'found', x: 3, y: 1 });
  await host.settle();
  expect(answers).toMatchObject([{ ok: true, result: { x: 3, y: 1 } }]);
});

test('a template that cannot be read, and a pool that fails, are answers', async () => {
  const { host, begin, tasks } = world();
  const bad = begin({ kind: 'image', target, template: 'x', match: { tolerance: 0, differing: 0 } });
  tasks[0]?.done({ kind: 'refused', reason: 'is no PNG file' });
  await host.settle();
  expect(bad.answers).toEqual([{ ok: false, error: { code: 'bad_params', message: 'the template is no PNG file' } }]);
});
