import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { agentTable } from '#app/protocol/agent.js';
import { catalog } from '#app/protocol/catalog.js';
import type { MessageTable } from '#app/protocol/catalog.js';
import { channelName } from '#app/protocol/constants.js';
import type { Layout } from '#app/protocol/wire/layout.js';
import { makeParser } from '#app/protocol/wire/parse.js';
import { makeSerializer } from '#app/protocol/wire/serialize.js';
import { WireError } from '#app/protocol/wire/wire-error.js';
import { Writer } from '#app/protocol/wire/writer.js';
import { arbitraryOf } from './arbitrary.ts';

interface Named {
  readonly name: string;
  readonly layout: Layout<unknown>;
}

function tableLayouts(prefix: string, table: MessageTable): Named[] {
  return Object.entries(table).map(([kind, { layout }]) => ({ name: `${prefix} ${kind}`, layout }));
}

const catalogLayouts = Object.entries(catalog).flatMap(([type, { server, client }]) => [
  ...tableLayouts(`${channelName(Number(type))} server`, server),
  ...tableLayouts(`${channelName(Number(type))} client`, client),
]);
const agentLayouts = [true, false].flatMap((clipboardSelection) =>
  [true, false].flatMap((clipboardGrabSerial) =>
    tableLayouts(`agent ${clipboardSelection}/${clipboardGrabSerial}`, agentTable({ clipboardSelection, clipboardGrabSerial })),
  ),
);
// A layout that several messages share is one layout: testing it once says it for all of them.
const layouts = [...new Map([...catalogLayouts, ...agentLayouts].map((one) => [one.layout, one])).values()];

function serialize(layout: Layout<unknown>, value: unknown): Uint8Array {
  const writer = new Writer();
  writer.beginBody();
  makeSerializer(layout)(writer, value);
  writer.finishBody();
  return writer.take();
}

describe('every layout', () => {
  it.each(layouts)('$name: parse undoes serialize, with no byte left over', ({ name, layout }) => {
    const parse = makeParser(layout, name);
    fc.assert(
      fc.property(arbitraryOf(layout), (value) => {
        expect(parse(serialize(layout, value))).toEqual({ value, trailingBytes: 0 });
      }),
      { numRuns: 40 },
    );
  });

  it.each(layouts)('$name: bytes cut short give a value or a WireError and nothing else', ({ name, layout }) => {
    const parse = makeParser(layout, name);
    fc.assert(
      fc.property(arbitraryOf(layout), fc.nat(), (value, cut) => {
        const bytes = serialize(layout, value);
        expectValueOrWireError(() => parse(bytes.subarray(0, cut % (bytes.byteLength + 1))));
      }),
      { numRuns: 25 },
    );
  });

  it.each(layouts)('$name: one changed byte gives a value or a WireError and nothing else', ({ name, layout }) => {
    const parse = makeParser(layout, name);
    fc.assert(
      fc.property(arbitraryOf(layout), fc.nat(), fc.integer({ min: 0, max: 255 }), (value, at, byte) => {
        const bytes = serialize(layout, value);
        if (bytes.byteLength > 0) bytes[at % bytes.byteLength] = byte;
        expectValueOrWireError(() => parse(bytes));
      }),
      { numRuns: 25 },
    );
  });

  it.each(layouts)('$name: junk gives a value or a WireError and nothing else', ({ name, layout }) => {
    const parse = makeParser(layout, name);
    // Small numbers more often than chance: they are plausible counts and offsets.
    const byte = fc.oneof(fc.constant(0), fc.nat(8), fc.nat(255));
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 160 }), (junk) => expectValueOrWireError(() => parse(Uint8Array.from(junk)))),
      { numRuns: 40 },
    );
  });
});

function expectValueOrWireError(parse: () => unknown): void {
  let outcome: unknown;
  try {
    outcome = parse();
  } catch (error) {
    outcome = error;
  }
  // A parser returns a value and its trailing bytes; what it throws has a code and names its field.
  expect(outcome instanceof WireError ? outcome.field : outcome).toSatisfy((one: unknown) => (typeof one === 'string' ? one !== '' : isParsed(one)));
}

function isParsed(outcome: unknown): boolean {
  return typeof outcome === 'object' && outcome !== null && 'trailingBytes' in outcome;
}
