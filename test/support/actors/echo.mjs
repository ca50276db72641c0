// Remembers what it receives and does as it is told: the actor of the kernel's own tests, on a thread and locally.
export const actor = {
  start(context, args) {
    if (args.startFails) throw new Error('will not start');
    if (args.startHangs) return new Promise(() => undefined);
    const received = [];
    const results = [];
    const { clock, timers } = context.host;

    const sendOn = async ({ to, message, options }) => {
      const startedMs = clock.monotonicMs();
      const error = await context.address(to).send(message, options).then(() => null, (caught) => caught);
      results.push({ error: error?.name ?? null, text: error?.message ?? null, heldMs: clock.monotonicMs() - startedMs });
    };
    const obey = (message) => {
      switch (message?.kind) {
        case 'throw': throw new RangeError('thrown on request');
        case 'spin': for (;;);
        case 'grow': for (const heap = []; ; ) heap.push(Array.from({ length: 1000 }, () => ({})));
        case 'processExit': return process.exit(message.code);
        case 'reject': return void Promise.reject(new TypeError('rejected on request'));
        case 'timerThrows': return void timers.after(1, () => { throw new SyntaxError('thrown in a timer'); });
        case 'keepsTimer': return void timers.after(3_600_000, () => undefined);
        case 'exit': return context.exit(message.reason);
        case 'tellOn': return void results.push(context.address(message.to).tell(message.message, message.options));
        case 'sendOn': return void sendOn(message);
        case 'wait': return void Atomics.wait(new Int32Array(message.memory), 0, 0);
        case 'signal': Atomics.store(new Int32Array(message.memory), 0, 1); return void Atomics.notify(new Int32Array(message.memory), 0);
        case 'openForEver': return void process.getBuiltinModule('node:fs').openSync(message.path, 'r');
        case 'regex': return void /^(a+)+$/.test(`${'a'.repeat(60)}b`);
        case 'native': return void process.getBuiltinModule('node:child_process').execFileSync('sleep', [message.seconds]);
        case 'timerSpins': return void timers.after(1, () => { for (;;); });
        // Behind an `await` nothing marks what runs.
        case 'spinsLater': return void new Promise((resolve) => { setTimeout(resolve, 1); }).then(() => { for (;;); });
        case 'blocksOn':
          context.progress.blockedOn(message.call);
          Atomics.wait(new Int32Array(message.memory), 0, 0);
          return context.progress.blockedOn(null);
        default:
      }
    };
    return {
      receive(message, { sender, generation, lane }) {
        received.push({ text: message?.text ?? message?.kind ?? null, sender, generation, lane });
        obey(message);
      },
      observe: () => {
        if (args.observeThrows) throw new Error('nothing to see');
        return { generation: context.generation, received, results };
      },
      stop: () => {
        if (args.stopThrows) throw new Error('cannot stop');
        return args.neverStops ? new Promise(() => undefined) : undefined;
      },
    };
  },
};
