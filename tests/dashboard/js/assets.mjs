// Loads scripts of the dashboard the way a page does: in order, each adding to `shelfcast`.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export function load(...names) {
  for (const name of names) require(`../../../dashboard/assets/${name}.js`);
  return globalThis.shelfcast;
}

export const FORMATS = { currency: "USD", timezone: "America/New_York", locale: "en-US" };
