import { expect, test, vi } from 'vitest';
import type { ChildSpec } from '#app/actors/kernel/child-spec.js';
import { runProgram } from '#app/cli/arguments.js';
import { parseInjectedFault, withFaults, type InjectedFault } from '#app/cli/injected-faults.js';
import { noActions } from '../../support/program-actions.ts';

test.each<[string, InjectedFault]>([
  ['display/0:spin@3s', { actor: 'display/0', fault: { kind: 'spin', atMs: 3_000, generationsMax: 1 } }],
  ['main/0:cut', { actor: 'main/0', fault: { kind: 'cut', atMs: 0, generationsMax: 1 } }],
  ['hub:throw@250msx3', { actor: 'hub', fault: { kind: 'throw', atMs: 250, generationsMax: 3 } }],
  ['usbredir/12:heap@1.5sxall', { actor: 'usbredir/12', fault: { kind: 'heap', atMs: 1_500, generationsMax: Infinity } }],
  ['writer:diskFull@1s', { actor: 'writer', fault: { kind: 'diskFull', atMs: 1_000, generationsMax: 1 } }],
])('%s is a fault', (text, fault) => {
  expect(parseInjectedFault(text)).toEqual(fault);
});

test.each([
  ['', 'ACTOR:FAULT@TIME'], ['spin@3s', 'ACTOR:FAULT@TIME'], ['display/0:spin@3', 'ACTOR:FAULT@TIME'], ['display/0:spin@-3s', 'ACTOR:FAULT@TIME'],
  ['display/0:sing@3s', 'faults are throw, spin, heap'], ['display/0:toString@3s', 'is not a fault'], ['display/0:diskFull@3s', 'Only the writer has a disk'], ['hub:spin@3601s', 'more than an hour'],
])('"%s" is refused: %s', (text, why) => {
  expect(parseInjectedFault(text)).toContain(why);
});

const spec: ChildSpec = {
  id: 'writer', module: 'file:///writer-actor.js', args: { rings: [] }, placement: 'thread', restart: 'permanent', shutdown: 1, mailbox: { dataMax: 1, controlMax: 1 }, links: [],
};
const injected = (...texts: string[]): InjectedFault[] => texts.map((text) => parseInjectedFault(text)).filter((fault) => typeof fault !== 'string');

test('an actor that no fault is meant for starts as it is, from its own module', () => {
  expect(withFaults(spec, injected('display/0:spin', 'hub:throw'))).toBe(spec);
});

test('a faulty actor starts from another module, with its own and its faults in its arguments', () => {
  const faulty = withFaults(spec, injected('writer:spin@1s', 'writer:diskSlow', 'display/0:spin'));
  expect(faulty).toMatchObject({ ...spec, module: expect.stringMatching(/^file:.*\/faulty-actor\.js$/), args: { module: spec.module, faults: [{ kind: 'spin', atMs: 1_000 }] } });
  expect(faulty.args).toMatchObject({ args: { rings: [], diskFault: { kind: 'diskSlow' } } });
});

test('a disk fault is the writer\'s own affair: it starts from its own module', () => {
  expect(withFaults(spec, injected('writer:diskHang@1s'))).toMatchObject({ ...spec, args: { rings: [], diskFault: { kind: 'diskHang', atMs: 1_000, generationsMax: 1 } } });
});

test('the command line takes faults only from who has set the variable', async () => {
  const inject = async (): Promise<{ code: number; error: string; options: unknown }> => {
    let error = '';
    let options: unknown = null;
    const connect = (given: unknown): Promise<'ok'> => {
      options = given;
      return Promise.resolve('ok');
    };
    const argv = ['connect', 'a.vv', '--inject', 'display/0:spin', '--inject', 'hub:throw@1s', '--frozen-after', '0.5'];
    const code = await runProgram(argv, { ...noActions, connect }, { out: () => undefined, error: (text) => (error += text) });
    return { code, error, options };
  };
  vi.stubEnv('RYLL_TEST_FAULTS', '');
  expect(await inject()).toMatchObject({ code: 2, error: expect.stringContaining('set RYLL_TEST_FAULTS=1'), options: null });
  vi.stubEnv('RYLL_TEST_FAULTS', '1');
  expect(await inject()).toMatchObject({ code: 0, options: { frozenAfter: 0.5, inject: injected('display/0:spin', 'hub:throw@1s') } });
  vi.unstubAllEnvs();
});
