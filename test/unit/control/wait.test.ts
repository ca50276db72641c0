import { expect, test } from 'vitest';
import { beginWait, stepWait, type PointerLook, type Sight, type Wait } from '#app/control/wait.js';

const target = { channelId: null, surfaceId: 0, region: null };
/** What each sight brought; the wait ends with the first that is not null. */
function watch(wait: Wait, sights: readonly Sight[]): unknown[] {
  let state = beginWait(wait);
  return sights.map((sight) => {
    const step = stepWait(state, sight);
    ({ state } = step);
    return step.result;
  });
}
const picture = (nowMs: number, fingerprint: number | null): Sight => ({ kind: 'picture', nowMs, fingerprint });
const pointer = (look: Partial<PointerLook> | null): Sight => ({ kind: 'pointer', pointer: look === null ? null : { visible: true, x: 5, y: 5, shape: 1, ...look } });

test('a picture is at rest when it was the same for long enough; one that comes back to an earlier one was not at rest in between', () => {
  expect(watch({ kind: 'stable', target, quietMs: 100 }, [picture(0, 1), picture(99, 1), picture(100, 2), picture(150, 1), picture(249, 1), picture(250, 1)])).toEqual([null, null, null, null, null, { quiet_ms: 100 }]);
});

test('no picture is never at rest', () => {
  expect(watch({ kind: 'stable', target, quietMs: 0 }, [picture(0, null), picture(500, null), picture(600, 1), picture(601, null), picture(602, 1), picture(602, 1)])).toEqual([null, null, null, null, null, { quiet_ms: 0 }]);
});

test('a picture has changed when it is another than at the first look, or when there is one at all', () => {
  expect(watch({ kind: 'changed', target }, [picture(0, 1), picture(1, 1), picture(2, null), picture(3, 1), picture(4, 2)])).toEqual([null, null, null, null, {}]);
  expect(watch({ kind: 'changed', target }, [picture(0, null), picture(1, null), picture(2, 7)])).toEqual([null, null, {}]);
});

test.each([
  [{ visible: true }, [pointer(null), pointer({ visible: false }), pointer({})], [null, null, { visible: true, x: 5, y: 5 }]],
  [{ visible: false }, [pointer({}), pointer({ visible: false })], [null, { visible: false, x: 5, y: 5 }]],
  [{ region: { left: 10, top: 10, right: 12, bottom: 12 } }, [pointer({}), pointer({ x: 12, y: 10 }), pointer({ x: 11, y: 11 })], [null, null, { visible: true, x: 11, y: 11 }]],
  [{ changed: true }, [pointer({}), pointer({}), pointer({ shape: 2 })], [null, null, { visible: true, x: 5, y: 5 }]],
  [{ changed: true, visible: true }, [pointer(null), pointer({})], [null, { visible: true, x: 5, y: 5 }]],
])('the pointer as in %j', (wanted, sights, results) => {
  expect(watch({ kind: 'cursor', visible: null, region: null, changed: false, ...wanted }, sights)).toEqual(results);
});

test('the agent and events come when they come', () => {
  expect(watch({ kind: 'agent', connected: false }, [{ kind: 'agent', connected: true }, { kind: 'agent', connected: false }])).toEqual([null, { connected: false }]);
  expect(watch({ kind: 'event', event: 'latency', filter: new Map() }, [{ kind: 'event', event: 'traffic', data: {} }, { kind: 'event', event: 'latency', data: { sample_ms: 1 } }])).toEqual([null, { event: 'latency', data: { sample_ms: 1 } }]);
});

test('what is seen for other waits is nothing to this one', () => {
  const sights: readonly Sight[] = [picture(0, 1), pointer({}), { kind: 'image', x: 1, y: 2 }, { kind: 'agent', connected: true }];
  expect(watch({ kind: 'event', event: 'latency', filter: new Map() }, sights)).toEqual([null, null, null, null]);
  expect(watch({ kind: 'image', target, template: '', match: { tolerance: 0, differing: 0 } }, sights)).toEqual([null, null, { x: 1, y: 2 }, null]);
});
