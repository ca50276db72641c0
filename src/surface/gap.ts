/**
 * What the peer sent and drawing did not fully honour, as a value. What a gap means, and whether it was seen before, is the
 * business of whoever observes it.
 */

/** `key` is stable across versions, `channel:kind:detail`; `detail` is for people. */
export interface Gap {
  readonly key: string;
  readonly detail: string;
}
