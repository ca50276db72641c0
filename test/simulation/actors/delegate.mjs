// The module of every simulated actor: it hands its start to whoever made its arguments. In one thread arguments are objects, so the
// simulation can stand around any actor without the actor knowing.
export const actor = { start: (context, args) => args.start(context) };
