// A channel actor as far as the flight recorder is concerned: it taps what it is told to and wakes the writer.
import { createTap } from '#app/capture/tap.js';
import { TapProducer } from '#app/mailbox/tap-producer.js';

/** A message with a mini header whose body carries `number`. */
function message(number, bodyBytes) {
  const bytes = new Uint8Array(6 + bodyBytes);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 1, true);
  view.setUint32(2, bodyBytes, true);
  view.setUint32(6, number, true);
  return bytes;
}

export const actor = {
  start(context, args) {
    const tap = createTap(new TapProducer(args.ring, context.generation), context.host.clock);
    const writer = context.address('writer');
    const wake = (needed) => {
      if (needed && writer.tell(tap.tappedMessage) !== 'accepted') tap.wakeRefused();
    };
    wake(tap.linkExchange('sent', message(1_000_000_000 + context.generation, 20)));
    let appended = 0;
    return {
      receive({ kind, from, count, bodyBytes }) {
        if (kind === 'spin') for (;;);
        for (let number = from; number < from + count; number++) {
          wake(tap.append('received', message(number, bodyBytes)));
          appended += 1;
        }
      },
      observe: () => ({ appended }),
      stop() {},
    };
  },
};
