// The command line's actions, none of which does anything: a test replaces those that it is about.
import type { Actions } from '#app/cli/arguments.js';

const nothing = async (): Promise<'ok'> => 'ok';

export const noActions: Actions = {
  connect: nothing, doctor: nothing, demo: nothing, serve: nothing, vvCheck: nothing, control: nothing, list: nothing, inspect: nothing, explain: nothing, replay: nothing, tree: () => '', version: () => '',
};
