// A consumer that remembers what it hears, in the list that it was given: for actors in the test's own thread.
export const actor = {
  start: (_context, args) => ({
    receive: (message, { lane }) => void args.heard.push({ lane, message }),
    observe: () => args.heard.length,
    stop: () => undefined,
  }),
};
