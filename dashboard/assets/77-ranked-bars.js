// Ranked bars: a name, a bar and its value in each row. Drawn here and not by Plotly: pages show several
// of them at once, and these take a tenth of the time.
(() => {
  const ROW = 30;
  const FEW_ROW = 46;
  const LOWEST = 260;
  const EDGE = 8;
  const GAP = 8;
  const THICK = 20;
  const FONT = "12px 'Inter Variable', system-ui, sans-serif";
  const MOST_OF_NAMES = 0.45;

  // As much of a name as fits into a width, by what a text measures.
  function fitted(name, room, measure) {
    if (measure(name) <= room) return name;
    let [low, high] = [0, name.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (measure(`${name.slice(0, middle).trimEnd()}…`) <= room) low = middle;
      else high = middle - 1;
    }
    return `${name.slice(0, low).trimEnd()}…`;
  }

  // Where all of it lies, in pixels. Each value stands right of its bar and of the tick of before; the
  // longest of these just fits. Values of losses stand right of nothing: left of it they would meet names.
  function layoutOf(bars, width, measure) {
    const widest = Math.max(0, ...bars.map(({ name }) => measure(name)));
    const names = Math.min(widest, MOST_OF_NAMES * width);
    const numbers = bars.flatMap(({ value, before }) => [value ?? 0, before ?? 0]);
    const low = Math.min(0, ...numbers);
    const left = EDGE + names + GAP;
    const scales = bars
      .map(({ value, before, text }) => ({ end: Math.max(value ?? 0, before ?? 0, 0), room: measure(text) + GAP }))
      .filter(({ end }) => end > low)
      .map(({ end, room }) => Math.max(0, width - EDGE - left - room) / (end - low));
    const scale = scales.length ? Math.min(...scales) : 0;
    const pitch = Math.max(ROW, Math.min(FEW_ROW, LOWEST / Math.max(1, bars.length)));
    const at = (value) => left + (value - low) * scale;
    return {
      height: Math.round(pitch * bars.length + 2 * EDGE),
      zero: at(0),
      rows: bars.map(({ name, value, before, text }, place) => {
        const [from, to] = [at(Math.min(0, value ?? 0)), at(Math.max(0, value ?? 0))];
        return {
          name: fitted(name, names, measure),
          text,
          top: EDGE + place * pitch,
          middle: EDGE + (place + 0.5) * pitch,
          from,
          width: to - from,
          isLoss: (value ?? 0) < 0,
          tick: before === null || before === undefined ? null : at(before),
          end: at(Math.max(value ?? 0, before ?? 0, 0)),
        };
      }),
      pitch,
      names: left - GAP,
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, rankedBars: { fitted, layoutOf } };
  if (typeof document === "undefined") return;

  const { make, setAttribute } = shelfcast.panels;
  const pen = document.createElement("canvas").getContext("2d");
  let patterns = 0;

  function measure(text) {
    pen.font = FONT;
    return pen.measureText(text).width;
  }

  function drawn(tag, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // Losses are hatched: their colour is not the only sign.
  function hatch(id, { read }) {
    const ground = drawn("rect", { width: 6, height: 6, fill: read("--bad") });
    const line = drawn("path", { d: "M-1,1l2,-2M0,6l6,-6M5,7l2,-2", stroke: read("--panel"), "stroke-width": 1.5 });
    return drawn("defs", {}, drawn("pattern", { id, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, ground, line));
  }

  function rowOf(row, bar, { look, colour, width, pitch, names, loss }) {
    const { read } = look;
    const written = { "font-size": 12, "dominant-baseline": "central", y: row.middle };
    const parts = [
      drawn("rect", { class: "ranked-ground", x: 0, y: row.top, width, height: pitch, fill: "transparent", rx: 4 }),
      drawn("text", { ...written, x: names, "text-anchor": "end", fill: read("--dim") }, row.name),
      drawn("rect", {
        class: "ranked-bar", x: row.from, y: row.middle - THICK / 2, width: row.width, height: THICK, rx: Math.min(3, row.width / 2),
        fill: row.isLoss ? `url(#${loss})` : read(colour),
      }),
      drawn("text", { ...written, class: "ranked-value", x: row.end + GAP, fill: read("--text") }, row.text),
    ];
    if (row.tick !== null)
      parts.push(drawn("path", {
        class: "ranked-before", d: `M${row.tick},${row.middle - 8}v16`, stroke: read("--text"), "stroke-width": 2.5,
      }));
    const before = bar.exactBefore === null ? "" : `, before ${bar.exactBefore}`;
    const group = drawn("g", { class: "ranked-row", "aria-label": `${bar.name}: ${bar.exact}${before}`, role: "img" }, ...parts);
    if (bar.drill)
      for (const [name, value] of Object.entries({ role: "button", tabindex: 0, "data-action": "drill", "data-part": bar.drill }))
        group.setAttribute(name, value);
    return group;
  }

  function tip(bar) {
    const line = (name, value) => make("div", "", make("span", "", name), make("b", "", value));
    const lines = [line("Value", bar.exact), ...(bar.exactBefore === null ? [] : [line("Before", bar.exactBefore)])];
    return make("div", "chart-tip store-tooltip", make("strong", "", bar.name), ...lines);
  }

  // What a row says whole and exactly, beside it, while somebody points at it or it has the focus.
  function tellBeside(holder, group, row, bar) {
    const show = () => {
      const shown = tip(bar);
      holder.querySelector(".chart-tip")?.remove();
      holder.append(shown);
      const { offsetWidth, offsetHeight } = shown;
      const left = Math.min(row.end + GAP, holder.clientWidth - offsetWidth - EDGE);
      const below = row.middle + THICK / 2 + 4;
      const isLow = below + offsetHeight > holder.clientHeight;
      shown.style.left = `${Math.max(EDGE, left)}px`;
      shown.style.top = `${isLow ? row.middle - THICK / 2 - 4 - offsetHeight : below}px`;
    };
    const hide = () => holder.querySelector(".chart-tip")?.remove();
    for (const [kind, run] of [["pointerenter", show], ["pointerleave", hide], ["focus", show], ["blur", hide]])
      group.addEventListener(kind, run);
  }

  // Draws rows into the holder of a chart. `look`: how tokens are read and what currency there is.
  function draw(holder, { bars: given, unit, colour }, look) {
    const { formats } = look;
    const exact = shelfcast.figures.writer(unit, formats);
    const short = shelfcast.figures.writer(unit, formats, { isShort: true });
    const bars = given.map((bar) => ({
      ...bar,
      text: short(bar.value),
      exact: exact(bar.value),
      exactBefore: bar.before === null ? null : exact(bar.before),
    }));
    const { clientWidth: width } = holder;
    const { height, rows, zero, pitch, names } = layoutOf(bars, width, measure);
    const loss = `ranked-loss-${++patterns}`;
    const share = { look, colour, width, pitch, names, loss };
    const groups = rows.map((row, place) => rowOf(row, bars[place], share));
    const axis = drawn("path", { d: `M${zero},${EDGE}V${height - EDGE}`, stroke: look.read("--line"), "stroke-width": 1 });
    const size = { width, height, viewBox: `0 0 ${width} ${height}`, "font-family": "'Inter Variable', system-ui, sans-serif" };
    const picture = drawn("svg", { class: "ranked", role: "group", ...size }, hatch(loss, look), axis, ...groups);
    const focused = holder.querySelector(".ranked-row:focus")?.dataset.part;
    holder.querySelector(".chart-tip")?.remove();
    holder.querySelector(".ranked")?.remove();
    holder.append(picture);
    groups.forEach((group, place) => tellBeside(holder, group, rows[place], bars[place]));
    setAttribute(holder, "data-drawn", "ranked");
    holder.style.height = `${height}px`;
    if (focused) groups.find(({ dataset }) => dataset.part === focused)?.focus({ preventScroll: true });
  }

  // Plotly has the room again.
  function remove(holder) {
    holder.querySelector(".ranked")?.remove();
    holder.querySelector(".chart-tip")?.remove();
    holder.removeAttribute("data-drawn");
  }

  // A picture stands alone: it gets the ground, the title and room for both.
  async function picture(holder, format, { title, ground, text }) {
    const HEAD = 44;
    const shown = holder.querySelector(".ranked");
    const [width, height] = [shown.width.baseVal.value, shown.height.baseVal.value + HEAD];
    const copy = shown.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("height", height);
    copy.setAttribute("viewBox", `0 ${-HEAD} ${width} ${height}`);
    copy.prepend(
      drawn("rect", { x: 0, y: -HEAD, width, height, fill: ground }),
      drawn("text", { x: EDGE, y: -HEAD / 2, "font-size": 15, "dominant-baseline": "central", fill: text }, title),
    );
    const svg = new XMLSerializer().serializeToString(copy);
    return format === "svg"
      ? new Blob([svg], { type: "image/svg+xml" })
      : shelfcast.save.pngOf(svg, { width, height });
  }

  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches?.(".ranked-row[data-part]")) return;
    event.preventDefault();
    shelfcast.controls.actions.drill(event.target);
  });

  Object.assign(shelfcast.rankedBars, { draw, picture, remove });
})();
