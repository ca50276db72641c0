// The faults that a simulated world is made of, as a table: each is one thing that happens once, chosen and aimed by the seed.
// Those that last end by themselves, so that a world without new faults is a world without faults some minutes later.

import type { SimulatedConnection } from './network.ts';
import type { World } from './world.ts';
import type { Seeded } from './seeded.ts';

export interface Fault {
  readonly name: string;
  /** How often it is chosen, against the others. */
  readonly weight: number;
  /** What it was aimed at, for the trace; null = there was nothing to aim at. */
  strike(world: World, random: Seeded): string | null;
}

const stallMsMax = 20_000;
const outageMsMax = 90_000;
const diskTroubleMsMax = 600_000;
const relapsesMax = 8;
const quitMsMax = 200;
const miniHeaderBytes = 6;
const garbageBytesMax = 400;

function aimed(name: string, weight: number, strike: (connection: SimulatedConnection, random: Seeded, world: World) => void): Fault {
  return {
    name,
    weight,
    strike: (world, random) => {
      const open = [...world.network.connections];
      if (open.length === 0) return null;
      const connection = random.pick(open);
      strike(connection, random, world);
      return connection.owner;
    },
  };
}

/** False when there is no session to type into. */
function type(world: World, random: Seeded): boolean {
  const run = world.session?.run;
  if (run === undefined) return false;
  for (let key = 0; key < 5; key++) {
    const scancode = random.between(1, 0x58);
    run.command('inputs/0', { kind: 'pressKey', scancode });
    if (random.chance(0.9)) run.command('inputs/0', { kind: 'releaseKey', scancode });
    run.command('inputs/0', { kind: 'moveMouse', x: random.between(0, 639), y: random.between(0, 399), displayId: 0 });
  }
  return true;
}

/** A header that promises more than any message may have: framing is lost at once. */
const oversize = Uint8Array.of(0x66, 0, 0xff, 0xff, 0xff, 0xff);

const faults: readonly Fault[] = [
  aimed('fin', 4, (connection) => connection.cut('fin')),
  aimed('rst', 4, (connection) => connection.cut('rst')),
  aimed('lost', 3, (connection) => connection.lose()),
  aimed('stalledToClient', 6, (connection, random) => connection.stall('toClient', random.between(1, stallMsMax))),
  aimed('stalledToServer', 6, (connection, random) => connection.stall('toServer', random.between(1, stallMsMax))),
  aimed('oversize', 1, (connection, _random, world) => {
    world.spoiled.add(connection);
    connection.inject(oversize);
  }),
  aimed('garbage', 2, (connection, random, world) => {
    world.spoiled.add(connection);
    // Message bodies are believed only as they come, so a wild length is a stream that waits, and somebody has to cut it.
    connection.inject(Uint8Array.from({ length: random.between(miniHeaderBytes, garbageBytesMax) }, () => random.between(0, 255)));
    world.host.timers.after(random.between(1, stallMsMax), () => connection.cut('rst'));
  }),
  {
    name: 'serverDies',
    weight: 2,
    strike: (world, random) => {
      if (world.server === null) return null;
      world.killServer();
      world.host.timers.after(random.between(0, outageMsMax), () => {
        if (world.server === null) world.startServer();
      });
      return 'server';
    },
  },
  {
    name: 'crash',
    weight: 4,
    strike: (world, random) => {
      // The hub's restart belongs to the root supervisor; everything else may die as it likes.
      const ids = world.actorIds().filter((id) => id !== 'hub');
      if (ids.length === 0) return null;
      const id = random.pick(ids);
      world.actor(id)?.crash?.();
      return id;
    },
  },
  {
    // Sometimes fewer failures than its supervisor bears, sometimes more.
    name: 'relapse',
    weight: 2,
    strike: (world, random) => {
      const ids = world.actorIds().filter((id) => id !== 'hub');
      if (ids.length === 0) return null;
      const actor = random.pick(ids);
      world.relapse = { actor, how: random.pick(['crash', 'cut']), times: random.between(1, relapsesMax) };
      world.actor(actor)?.crash?.();
      return `${actor} ${world.relapse.how} ${world.relapse.times}`;
    },
  },
  {
    name: 'diskTrouble',
    weight: 2,
    strike: (world, random) => {
      world.disk.failing = random.pick(['ENOSPC', 'EIO', 'EDQUOT']);
      world.later(random.between(1, diskTroubleMsMax), () => (world.disk.failing = null));
      return world.disk.failing;
    },
  },
  {
    // A person who types to the end: what was just sent is hardly in the capture when the session stops.
    name: 'quit',
    weight: 1,
    strike: (world, random) => {
      if (!type(world, random)) return null;
      world.host.timers.after(random.between(0, quitMsMax), () => world.quit());
      return 'session';
    },
  },
  {
    name: 'typing',
    weight: 6,
    strike: (world, random) => (type(world, random) ? 'inputs/0' : null),
  },
];

/** One of the faults, by weight. */
export function chooseFault(random: Seeded): Fault {
  let left = random.next() * faults.reduce((sum, { weight }) => sum + weight, 0);
  for (const fault of faults) {
    left -= fault.weight;
    if (left < 0) return fault;
  }
  return random.pick(faults);
}
