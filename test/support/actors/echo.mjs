// Remembers what it receives and does as it is told: the actor of the kernel's own tests. It runs on a thread and locally.
export const actor = {
  start(context, args) {
    if (args?.failStart) throw new Error('will not start');
    const received = [];
    const results = [];
    return {
      receive(message, from) {
        received.push({ message, sender: from.sender, generation: from.generation, lane: from.lane });
        switch (message?.kind) {
          case 'throw': throw new RangeError('thrown on request');
          case 'spin': for (;;);
          case 'grow': { const heap = []; for (;;) heap.push(Array.from({ length: 1000 }, () => ({}))); }
          case 'processExit': return process.exit(message.code);
          case 'reject': return void Promise.reject(new TypeError('rejected on request'));
          case 'timerThrows': return void context.host.timers.after(1, () => { throw new SyntaxError('thrown in a timer'); });
          case 'exit': return context.exit(message.reason);
          case 'relay': return void results.push(context.address(message.to).tell(message.message, message.options));
          case 'sendOn':
            return void context.address(message.to).send(message.message, message.options).then(
              () => results.push('posted'), (error) => results.push({ name: error.name, message: error.message, facts: error.facts ?? null }));
          case 'wait': return void Atomics.wait(new Int32Array(message.memory), 0, 0, message.ms);
        }
      },
      observe: () => ({ generation: context.generation, received: received.map((r) => ({ ...r, message: r.message?.text ?? r.message?.kind ?? null })), results }),
      stop: () => (args?.neverStops ? new Promise(() => {}) : undefined),
    };
  },
};
