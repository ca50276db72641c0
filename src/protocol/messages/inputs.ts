// Messages of the inputs channel: keys, lock states, pointer.

import { i32, restBytes, struct, u16, u32, u8 } from '../wire/layout.ts';
import { messageBodyBytesMax } from '../limits.ts';

/** Up to four bytes of PC/AT set 1 codes, the first one lowest: left arrow (E0 4B) is 0x00004BE0. */
export const key = struct({ code: u32 });
/** `KeyModifier`. Also the server's INIT. */
export const keyModifiers = struct({ modifiers: u16 });
/** Raw set 1 bytes, fed to the keyboard one by one. */
export const keyScancode = struct({ scancodes: restBytes(messageBodyBytesMax) });
/** Buttons: `MouseButtonMask`, the state of all of them. */
export const mouseMotion = struct({ dx: i32, dy: i32, buttons: u16 });
export const mousePosition = struct({ x: u32, y: u32, buttons: u16, displayId: u8 });
/** Button: `MouseButton`. */
export const mouseButton = struct({ button: u8, buttons: u16 });
