// A sender that produces as fast as it can, half of it with `send` and half with `tell`, and a receiver that checks the order.
export const actor = {
  start(context) {
    const last = new Map();
    const done = [];
    let delivered = 0, bad = 0;
    const flood = async ({ to, count }) => {
      const address = context.address(to);
      let accepted = 0, refused = 0;
      for (let number = 0; number < count; number++) {
        if (number % 2 === 0) accepted += await address.send({ kind: 'number', number }).then(() => 1, () => ++refused && 0);
        else if (address.tell({ kind: 'number', number }) === 'accepted') accepted++;
        else refused++;
        if (number % 100 === 0) await new Promise((resolve) => context.host.timers.soon(resolve));
      }
      // By the same lane, so it arrives last.
      await address.send({ kind: 'done', accepted, refused });
      context.exit({ kind: 'normal' });
    };
    return {
      receive(message, { sender }) {
        switch (message.kind) {
          case 'flood': return void flood(message);
          case 'number':
            delivered++;
            if (message.number <= (last.get(sender) ?? -1)) bad++;
            return void last.set(sender, message.number);
          case 'done': return void done.push(message);
        }
      },
      observe: () => ({ delivered, bad, done }),
      stop: () => undefined,
    };
  },
};
