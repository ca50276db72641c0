// Commands: wishes that somebody in the session sends to one channel, in the imperative. A channel that cannot honour one
// (the agent is not there, the mouse mode is the other one) ignores it and counts it; nothing here waits for an answer.

export type ChannelCommand =
  | { readonly kind: 'pressKey'; readonly scancode: number }
  | { readonly kind: 'releaseKey'; readonly scancode: number }
  | { readonly kind: 'moveMouse'; readonly x: number; readonly y: number; readonly displayId: number }
  | { readonly kind: 'nudgeMouse'; readonly dx: number; readonly dy: number }
  | { readonly kind: 'pressButton'; readonly button: number }
  | { readonly kind: 'releaseButton'; readonly button: number }
  | { readonly kind: 'configureMonitors'; readonly monitors: readonly { readonly x: number; readonly y: number; readonly width: number; readonly height: number }[] }
  | { readonly kind: 'recheckWait' };
