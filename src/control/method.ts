// Methods: the verbs of the control protocol by name, and which of them are built. `supported_methods` is made from this list, so a client is never
// promised what the program cannot do; a verb that is known and not built is told apart from one that nobody knows.

type Readiness = 'built' | 'planned';

const methods = {
  hello: 'built',
  status: 'built',
  subscribe: 'built',
  unsubscribe: 'built',
  disconnect: 'built',
  reconnect: 'built',
  send_key: 'planned',
  paste: 'planned',
  screenshot: 'planned',
} as const satisfies Record<string, Readiness>;

type Methods = typeof methods;
/** A method that does its work. */
export type BuiltMethod = { [Name in keyof Methods]: Methods[Name] extends 'built' ? Name : never }[keyof Methods];

export type FoundMethod = { readonly kind: 'built'; readonly method: BuiltMethod } | { readonly kind: 'planned' } | { readonly kind: 'unknown' };

export const supportedMethods: readonly BuiltMethod[] = Object.keys(methods).filter(isBuilt);

export function findMethod(name: string): FoundMethod {
  if (isBuilt(name)) return { kind: 'built', method: name };
  return Object.hasOwn(methods, name) ? { kind: 'planned' } : { kind: 'unknown' };
}

function isBuilt(name: string): name is BuiltMethod {
  return Object.hasOwn(methods, name) && (methods as Readonly<Record<string, Readiness>>)[name] === 'built';
}
