// A child spec for the kernel tests' own actor, test/support/actors/echo.mjs: what a test does not mention is small and harmless.

import type { ChildSpec } from '#app/actors/kernel/child-spec.js';

const ECHO_MODULE = new URL('./actors/echo.mjs', import.meta.url).href;

export function echoSpec(id: string, links: readonly string[] = [], rest: Partial<ChildSpec> = {}): ChildSpec {
  return {
    id,
    module: ECHO_MODULE,
    args: {},
    placement: 'thread',
    restart: 'temporary',
    shutdown: 2_000,
    mailbox: { dataMax: 4, controlMax: 4 },
    links,
    ...rest,
  };
}
