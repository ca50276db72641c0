// Methods: the verbs of the control protocol by name. `supported_methods` is this list, so a client is never promised what the program
// cannot do.

import { workMethods } from './work-requests.ts';

export const supportedMethods = ['hello', 'status', 'session', 'subscribe', 'unsubscribe', 'paste', 'cancel', ...workMethods] as const;
export type Method = (typeof supportedMethods)[number];

/** Null for a name that is no method. */
export function findMethod(name: string): Method | null {
  return supportedMethods.find((method) => method === name) ?? null;
}
