// Ranked bars: a name, a bar and its value in each row; a tick marks what it was before.
(() => {
  const { EDGE, GAP } = shelfcast.drawings.SIZES;
  const ROW = 30;
  const FEW_ROW = 46;
  const LOWEST = 260;
  const THICK = 20;
  const MOST_OF_NAMES = 0.45;

  const known = (value) => value ?? 0;

  // Where all of it lies, in pixels. Each value stands right of its bar and of the tick of before; the
  // longest of these just fits. Values of losses stand right of nothing: left of it they would meet names.
  function layoutOf(bars, width, measured) {
    const names = Math.min(Math.max(0, ...bars.map(({ name }) => measured(name))), MOST_OF_NAMES * width);
    const ends = bars.map(({ value, before }) => Math.max(known(value), known(before), 0));
    const low = Math.min(0, ...bars.flatMap(({ value, before }) => [known(value), known(before)]));
    const left = EDGE + names + GAP;
    const scales = bars
      .map(({ text }, place) => Math.max(0, width - EDGE - left - GAP - measured(text)) / (ends[place] - low))
      .filter(Number.isFinite);
    const scale = scales.length ? Math.min(...scales) : 0;
    const pitch = Math.max(ROW, Math.min(FEW_ROW, LOWEST / Math.max(1, bars.length)));
    const at = (value) => left + (value - low) * scale;
    const rows = bars.map(({ name, value, before }, place) => ({
      name: shelfcast.drawings.fitted(name, names, measured),
      top: EDGE + place * pitch,
      middle: EDGE + (place + 0.5) * pitch,
      from: at(Math.min(0, known(value))),
      to: at(Math.max(0, known(value))),
      tick: before === null ? null : at(before),
      end: at(ends[place]),
    }));
    return { rows, pitch, names: left - GAP, zero: at(0), height: Math.round(pitch * bars.length + 2 * EDGE) };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, rankedBars: { layoutOf } };
  if (typeof document === "undefined") return;

  const { hush, kinds, measure, sheet, tell, words } = shelfcast.drawings;
  const { shape } = shelfcast.panels;
  let hatches = 0;

  // Losses are hatched: their colour is not the only sign.
  function hatch(id, read) {
    const ground = shape("rect", { width: 6, height: 6, fill: read("--bad") });
    const line = shape("path", { d: "M-1,1l2,-2M0,6l6,-6M5,7l2,-2", stroke: read("--panel"), "stroke-width": 1.5 });
    return shape("defs", {}, shape("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, ground, line));
  }

  function rowOf(row, bar, { read, fill, width, pitch, names }) {
    const long = row.to - row.from;
    const bare = { x: row.from, y: row.middle - THICK / 2, width: long, height: THICK, rx: Math.min(3, long / 2) };
    const parts = [
      shape("rect", { class: "ground", x: 0, y: row.top, width, height: pitch, rx: 4, fill: "transparent" }),
      words(row.name, { x: names, y: row.middle, "text-anchor": "end", fill: read("--dim") }),
      shape("rect", { class: "bar", ...bare, fill }),
      words(bar.text, { class: "value", x: row.end + GAP, y: row.middle, fill: read("--text") }),
    ];
    if (row.tick !== null)
      parts.push(shape("path", { class: "before", d: `M${row.tick},${row.middle - 8}v16`, stroke: read("--text"), "stroke-width": 2.5 }));
    const said = bar.values.map(([what, value]) => `${what.toLowerCase()} ${value}`).join(", ");
    const stop = bar.drill ? { role: "button", tabindex: 0, "data-action": "drill", "data-part": bar.drill } : { role: "img" };
    return shape("g", { class: "row", "aria-label": `${bar.name}: ${said}`, ...stop }, ...parts);
  }

  kinds.ranked = (holder, { bars: given, unit, colour }, { read, formats }) => {
    const exact = shelfcast.figures.writer(unit, formats);
    const short = shelfcast.figures.writer(unit, formats, { isShort: true });
    const bars = given.map((bar) => ({
      ...bar,
      text: short(bar.value),
      values: [["Value", exact(bar.value)], ...(bar.before === null ? [] : [["Before", exact(bar.before)]])],
    }));
    const { clientWidth: width } = holder;
    const { height, rows, zero, ...place } = layoutOf(bars, width, measure);
    const id = `hatch-${++hatches}`;
    const groups = rows.map((row, at) => {
      const fill = bars[at].value < 0 ? `url(#${id})` : read(colour);
      const group = rowOf(row, bars[at], { read, fill, width, ...place });
      const beside = { x: row.end + GAP, top: row.middle - THICK / 2 - 4, bottom: row.middle + THICK / 2 + 4 };
      const show = () => tell(holder, beside, bars[at].name, bars[at].values);
      const hide = () => hush(holder);
      for (const [kind, run] of [["pointerenter", show], ["pointerleave", hide], ["focus", show], ["blur", hide]])
        group.addEventListener(kind, run);
      return group;
    });
    const axis = shape("path", { d: `M${zero},${EDGE}V${height - EDGE}`, stroke: read("--line") });
    return sheet(width, height, hatch(id, read), axis, ...groups);
  };
})();
