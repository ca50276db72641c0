// The supervisor's reducer, rule by rule, with the meanings of Erlang/OTP's `supervisor`.
import { describe, expect, test } from 'vitest';
import { channelBudgets } from '#app/supervisor/restart-budget.js';
import type { ExitReason } from '#app/actors/kernel/exit-reason.js';
import type { SupervisorSpec } from '#app/supervisor/supervisor-spec.js';
import { failed, frozen, normal, peerLost, plan, shutdown, Supervised, supervisor } from '../../support/supervision.js';

const abc = (part: Partial<SupervisorSpec> = {}): Supervised => new Supervised(supervisor([plan('a'), plan('b'), plan('c')], part));

describe('start', () => {
  test('children start one after the other, in their order, and then it has booted', () => {
    const it = abc();
    expect(it.tell({ kind: 'startRequested' })).toEqual(['start a']);
    expect(it.started('a')).toEqual(['start b']);
    expect(it.started('b')).toEqual(['start c']);
    expect(it.started('c')).toEqual(['booted']);
  });

  test('a child that cannot start while it boots ends those before it, last first, and the start has failed', () => {
    const it = abc();
    it.tell({ kind: 'startRequested' });
    it.started('a');
    it.started('b');
    expect(it.tell({ kind: 'childStartFailed', id: 'c', reason: failed })).toEqual(['stop b']);
    expect(it.exit('b', shutdown)).toEqual(['stop a']);
    expect(it.exit('a', shutdown)).toEqual(['escalate c start']);
  });

  test('a supervisor without children has booted at once', () => {
    expect(new Supervised(supervisor([])).tell({ kind: 'startRequested' })).toEqual(['booted']);
  });

  test('children that are added start at once and beside each other', () => {
    const it = new Supervised(supervisor([])).boot();
    expect(it.tell({ kind: 'childAdded', child: plan('a') })).toEqual(['start a']);
    expect(it.tell({ kind: 'childAdded', child: plan('b') })).toEqual(['start b']);
  });

  test('a child of an id that is there already is not added', () => {
    expect(abc().boot().tell({ kind: 'childAdded', child: plan('a') })).toEqual([]);
  });
});

describe('a child that ended', () => {
  test('under oneForOne it alone is started again', () => {
    expect(abc().boot().exit('b', failed)).toEqual(['plan b crash 0', 'start b']);
  });

  test('under restForOne those after it are stopped, last first, and all are started in order', () => {
    const it = abc({ strategy: 'restForOne' }).boot();
    expect(it.exit('b', failed)).toEqual(['plan b crash 0', 'stop c']);
    expect(it.exit('c', shutdown)).toEqual(['start b']);
    expect(it.started('b')).toEqual(['start c']);
    expect(it.started('c')).toEqual([]);
  });

  test('under oneForAll all others are stopped, last first, and all are started in order', () => {
    const it = abc({ strategy: 'oneForAll' }).boot();
    expect(it.exit('b', failed)).toEqual(['plan b crash 0', 'stop c']);
    expect(it.exit('c', shutdown)).toEqual(['stop a']);
    expect(it.exit('a', shutdown)).toEqual(['start a']);
    expect(it.started('a')).toEqual(['start b']);
    expect(it.started('b')).toEqual(['start c']);
  });

  test('one that dies by itself while its turn to be stopped comes costs no restart of its own', () => {
    const it = abc({ strategy: 'oneForAll' }).boot();
    it.exit('b', failed);
    expect(it.exit('a', failed)).toEqual([]);
    expect(it.exit('c', failed)).toEqual(['start a']);
    expect(it.state.times).toHaveLength(1);
  });

  test('one that dies while others of its group are still starting begins the group anew', () => {
    const it = abc({ strategy: 'restForOne' }).boot();
    it.exit('a', failed);
    it.exit('c', shutdown);
    expect(it.exit('b', shutdown)).toEqual(['start a']);
    expect(it.started('a')).toEqual(['start b']);
    expect(it.exit('a', failed)).toEqual(['plan a crash 0', 'stop b']);
    expect(it.exit('b', shutdown)).toEqual(['start a']);
  });

  test('a transient one that ended in order stays ended, and its place is kept', () => {
    const it = new Supervised(supervisor([plan('a', { restart: 'transient' })])).boot();
    expect(it.exit('a', normal)).toEqual([]);
    expect(it.phase('a')).toBe('ended');
    expect(it.tell({ kind: 'childStartRequested', id: 'a' })).toEqual(['start a']);
  });

  test('a temporary one is forgotten, and its id may be used again', () => {
    const it = new Supervised(supervisor([plan('a', { restart: 'temporary' })])).boot();
    expect(it.exit('a', failed)).toEqual([]);
    expect(it.phase('a')).toBeUndefined();
    expect(it.tell({ kind: 'childAdded', child: plan('a') })).toEqual(['start a']);
  });

  test('a temporary one that is stopped with its group does not come back with it', () => {
    const it = new Supervised(supervisor([plan('a'), plan('b', { restart: 'temporary' })], { strategy: 'oneForAll' })).boot();
    expect(it.exit('a', failed)).toEqual(['plan a crash 0', 'stop b']);
    expect(it.exit('b', shutdown)).toEqual(['start a']);
    expect(it.started('a')).toEqual([]);
    expect(it.phase('b')).toBeUndefined();
  });

  test('one whose restart fails has failed again', () => {
    const it = abc().boot();
    it.exit('b', failed);
    expect(it.tell({ kind: 'childStartFailed', id: 'b', reason: failed })).toEqual(['plan b crash 0', 'start b']);
  });

  test('news of a child that is not running is not acted on', () => {
    const it = abc().boot();
    it.exit('b', failed);
    it.tell({ kind: 'childStopRequested', id: 'c' });
    it.exit('c', shutdown);
    expect(it.exit('c', failed)).toEqual([]);
    expect(it.exit('nobody', failed)).toEqual([]);
  });
});

describe('escalation', () => {
  test('one restart too many within the period ends all children, last first, and then it has given up, once', () => {
    const it = abc().boot();
    for (let i = 0; i < 3; i++) {
      expect(it.exit('b', failed)).toEqual(['plan b crash 0', 'start b']);
      it.started('b');
    }
    expect(it.exit('b', failed)).toEqual(['stop c']);
    expect(it.exit('c', shutdown)).toEqual(['stop a']);
    expect(it.exit('a', shutdown)).toEqual(['escalate b intensity']);
    expect(it.exit('a', shutdown)).toEqual([]);
    expect(it.tell({ kind: 'stopRequested' })).toEqual([]);
  });

  test('restarts of different children count together under an intensity', () => {
    const it = abc().boot();
    for (const id of ['a', 'b', 'c']) {
      it.exit(id, failed);
      it.started(id);
    }
    expect(it.exit('a', failed)).toEqual(['stop c']);
  });

  test('an intensity of 0 gives up with the first failure', () => {
    const it = new Supervised(supervisor([plan('a')], { policy: { kind: 'intensity', intensity: { restartsMax: 0, periodMs: 1 } } })).boot();
    expect(it.exit('a', peerLost)).toEqual(['escalate a intensity']);
  });
});

describe('with the budgets of channels', () => {
  const channels = (): Supervised => new Supervised(supervisor([], { policy: { kind: 'budgets', budgets: channelBudgets }, stopOrder: 'together' })).boot();
  const withTwo = (): Supervised => {
    const it = channels();
    for (const id of ['display/0', 'inputs/0']) {
      it.tell({ kind: 'childAdded', child: plan(id, { restart: 'transient' }) });
      it.started(id);
    }
    return it;
  };

  test('a link that was waited for in vain was no life, however long: the waits grow, where 10 s of a link are health', () => {
    const waits = (reason: ExitReason): string[] => {
      const it = withTwo();
      return [1, 2, 3].map(() => {
        it.nowMs += 10_000;
        const [planned = ''] = it.exit('display/0', reason);
        it.nowMs += 5_000;
        it.tell({ kind: 'tick' });
        it.started('display/0');
        return planned;
      });
    };
    expect(waits({ kind: 'downstreamClosed', detail: 'link failed: deadline', neverOpen: true })).toEqual(['plan display/0 lostPeer 100', 'plan display/0 lostPeer 250', 'plan display/0 lostPeer 1000']);
    expect(waits(peerLost)).toEqual(Array(3).fill('plan display/0 lostPeer 100'));
  });

  test('a lost peer waits, and the other is left alone', () => {
    const it = withTwo();
    expect(it.exit('display/0', peerLost)).toEqual(['plan display/0 lostPeer 100', 'timer 100']);
    expect(it.phase('inputs/0')).toBe('running');
    it.nowMs += 100;
    expect(it.tell({ kind: 'tick' })).toEqual(['start display/0']);
  });

  test('every child has accounts of its own: all may lose their peer at one moment', () => {
    const it = channels();
    const ids = Array.from({ length: 8 }, (_, index) => `display/${index}`);
    for (const id of ids) {
      it.tell({ kind: 'childAdded', child: plan(id, { restart: 'transient' }) });
      it.started(id);
    }
    for (const id of ids) it.exit(id, peerLost);
    it.nowMs += 100;
    expect(it.tell({ kind: 'tick' })).toEqual(ids.map((id) => `start ${id}`));
  });

  test('a link that is made and lost at once climbs the waits; one that holds for 5 s begins again', () => {
    const it = withTwo();
    const waits = [0, 1, 2].map(() => {
      const [planned = ''] = it.exit('display/0', peerLost);
      it.nowMs += 60_000 / 10;
      it.tell({ kind: 'tick' });
      it.started('display/0');
      return planned;
    });
    it.nowMs += 5_000;
    waits.push(it.exit('display/0', peerLost)[0] ?? '');
    expect(waits).toEqual(['plan display/0 lostPeer 100', 'plan display/0 lostPeer 250', 'plan display/0 lostPeer 1000', 'plan display/0 lostPeer 100']);
  });

  test('the silence of a frozen one is not life: three freezes in a minute are too many', () => {
    const it = withTwo();
    const freeze = (): readonly string[] => {
      it.nowMs += 6_000;
      const effects = it.exit('display/0', frozen, 5_500);
      it.started('display/0');
      return effects;
    };
    expect(freeze()).toEqual(['plan display/0 frozen 0', 'start display/0']);
    expect(freeze()).toEqual(['plan display/0 frozen 0', 'start display/0']);
    expect(freeze()).toEqual(['stop inputs/0']);
    expect(it.exit('inputs/0', shutdown)).toEqual(['escalate display/0 frozen']);
  });

  test('one that was told to stop while it waits is not started', () => {
    const it = withTwo();
    it.exit('display/0', peerLost);
    it.tell({ kind: 'childStopRequested', id: 'display/0' });
    it.nowMs += 200;
    expect(it.tell({ kind: 'tick' })).toEqual([]);
  });
});

describe('stop', () => {
  test('children stop in the reverse order of their start, each after the one before has ended', () => {
    const it = abc().boot();
    expect(it.tell({ kind: 'stopRequested' })).toEqual(['stop c']);
    expect(it.exit('c', shutdown)).toEqual(['stop b']);
    expect(it.exit('b', failed)).toEqual(['stop a']);
    expect(it.exit('a', shutdown)).toEqual(['ended']);
  });

  test('children that do not build on each other stop together', () => {
    const it = abc({ stopOrder: 'together' }).boot();
    expect(it.tell({ kind: 'stopRequested' })).toEqual(['stop c', 'stop b', 'stop a']);
    expect([it.exit('b', shutdown), it.exit('a', shutdown), it.exit('c', shutdown)]).toEqual([[], [], ['ended']]);
  });

  test('brutalKill is not asked', () => {
    const it = new Supervised(supervisor([plan('a', { shutdown: 'brutalKill' })])).boot();
    expect(it.tell({ kind: 'stopRequested' })).toEqual(['kill a']);
  });

  test('one that waits for its restart is not started any more', () => {
    const it = new Supervised(supervisor([plan('a')], { policy: { kind: 'budgets', budgets: channelBudgets } })).boot();
    it.exit('a', peerLost);
    expect(it.tell({ kind: 'stopRequested' })).toEqual(['ended']);
    it.nowMs += 1_000;
    expect(it.tell({ kind: 'tick' })).toEqual([]);
  });

  test('one that is told to stop stays ended until it is asked for', () => {
    const it = abc().boot();
    expect(it.tell({ kind: 'childStopRequested', id: 'b' })).toEqual(['stop b']);
    expect(it.exit('b', shutdown)).toEqual([]);
    expect(it.tell({ kind: 'childStartRequested', id: 'b' })).toEqual(['start b']);
  });

  test('nothing is added to one that stops', () => {
    const it = abc().boot();
    it.tell({ kind: 'stopRequested' });
    expect(it.tell({ kind: 'childAdded', child: plan('d') })).toEqual([]);
  });
});
