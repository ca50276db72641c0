// The dashboard's colours by meaning. They come from the Okabe-Ito palette, whose members stay apart for the common forms of colour
// blindness; and no meaning is carried by colour alone: every state has a word and a sign too. Which depth of colour is sent is the encoder's matter.

import { cellAttribute, rgbColor } from './cells.ts';
import type { Style } from './cells.ts';

const skyBlue = rgbColor(0x56b4e9);
const bluishGreen = rgbColor(0x009e73);
const orange = rgbColor(0xe69f00);
const vermilion = rgbColor(0xd55e00);
const white = rgbColor(0xffffff);
// Members of the 256-colour palette, so that the bar looks the same with fewer colours.
const deepBlue = rgbColor(0x005f87);
const paleBlue = rgbColor(0xafd7ff);

/** Styles by meaning. On the terminal's own background except for the header's bar, so light and dark terminals both work. */
export const theme = {
  text: {},
  strong: { attributes: cellAttribute.bold },
  quiet: { attributes: cellAttribute.dim },
  heading: { foreground: skyBlue, attributes: cellAttribute.bold },
  /** Light on dark with bold, so that without colours the header still stands out. */
  header: { foreground: white, background: deepBlue, attributes: cellAttribute.bold },
  headerQuiet: { foreground: paleBlue, background: deepBlue },
  /** Not to be missed, with colours and without. */
  passthrough: { foreground: orange, attributes: cellAttribute.bold | cellAttribute.reverse },
  good: { foreground: bluishGreen },
  warning: { foreground: orange },
  bad: { foreground: vermilion, attributes: cellAttribute.bold },
  gauge: { foreground: skyBlue },
  gaugeHigh: { foreground: vermilion },
} as const satisfies Readonly<Record<string, Style>>;
