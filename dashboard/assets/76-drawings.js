// What the charts that pages draw themselves have in common. Plotly takes ten times as long, and a page
// shows several of them at once; it draws those in which one zooms.
(() => {
  const FONT = "'Inter Variable', system-ui, sans-serif";
  const HEAD = 44;
  const SIZES = { EDGE: 8, GAP: 8, LINE: 20, HEIGHT: 330 };
  const { EDGE } = SIZES;
  const STEPS = [1, 2, 2.5, 5, 10];

  // As much of a name as fits into a width, by what a text measures.
  function fitted(name, room, measured) {
    if (measured(name) <= room) return name;
    const cut = (length) => `${name.slice(0, length).trimEnd()}…`;
    let [low, high] = [0, name.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (measured(cut(middle)) <= room) low = middle;
      else high = middle - 1;
    }
    return cut(low);
  }

  // Round values from `low` to `high`, about `count` of them, both ends inside.
  function ticks(low, high, count) {
    if (!(high > low)) return [low];
    const rough = (high - low) / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = STEPS.find((one) => one * power >= rough) * power;
    const found = [];
    for (let at = Math.ceil(low / step); at * step <= high; at += 1) found.push(at * step + 0);
    return found;
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, drawings: { SIZES, fitted, ticks, kinds: {} } };
  if (typeof document === "undefined") return;

  const { setAttribute, shape, tooltip } = shelfcast.panels;
  const pen = document.createElement("canvas").getContext("2d");

  // How wide a text is, in pixels.
  function measure(text) {
    pen.font = `12px ${FONT}`;
    return pen.measureText(text).width;
  }

  const words = (text, attributes) => shape("text", { "font-size": 12, "dominant-baseline": "central", ...attributes }, text);

  const sheet = (width, height, ...children) =>
    shape("svg", { class: "drawing", width, height, viewBox: `0 0 ${width} ${height}`, "font-family": FONT }, ...children);

  // Draws a figure of one of `kinds` into the holder of a chart. `look` says how tokens are read and which
  // currency there is.
  function show(holder, figure, look) {
    const focused = holder.querySelector(".drawing :focus")?.dataset.part;
    remove(holder);
    const picture = shelfcast.drawings.kinds[figure.kind](holder, figure, look);
    holder.append(picture);
    setAttribute(holder, "data-drawn", figure.kind);
    holder.style.height = `${picture.getAttribute("height")}px`;
    if (focused) holder.querySelector(`[data-part="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  // Plotly has the room again.
  function remove(holder) {
    holder.querySelector(".drawing")?.remove();
    hush(holder);
    holder.removeAttribute("data-drawn");
  }

  // Says beside a place of the chart what is there, whole and exactly: a name, and values by their names.
  function tell(holder, { x, top, bottom }, name, values) {
    const shown = tooltip(name, values);
    shown.classList.add("chart-tip");
    hush(holder);
    holder.append(shown);
    const { offsetWidth, offsetHeight } = shown;
    const isLow = bottom + offsetHeight > holder.clientHeight;
    shown.style.left = `${Math.max(EDGE, Math.min(x, holder.clientWidth - offsetWidth - EDGE))}px`;
    shown.style.top = `${isLow ? top - offsetHeight : bottom}px`;
  }

  const hush = (holder) => holder.querySelector(".chart-tip")?.remove();

  // A picture stands alone: it gets the ground, the title and room for both.
  async function picture(holder, format, { title, ground, text }) {
    const shown = holder.querySelector(".drawing");
    const [width, height] = [shown.width.baseVal.value, shown.height.baseVal.value + HEAD];
    const copy = shown.cloneNode(true);
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("height", height);
    copy.setAttribute("viewBox", `0 ${-HEAD} ${width} ${height}`);
    copy.prepend(
      shape("rect", { x: 0, y: -HEAD, width, height, fill: ground }),
      words(title, { x: EDGE, y: -HEAD / 2, "font-size": 15, fill: text }),
    );
    const svg = new XMLSerializer().serializeToString(copy);
    if (format === "svg") return new Blob([svg], { type: "image/svg+xml" });
    return shelfcast.save.pngOf(svg, { width, height });
  }

  document.addEventListener("keydown", (event) => {
    if (!["Enter", " "].includes(event.key) || !event.target.matches?.(".drawing [data-part]")) return;
    event.preventDefault();
    shelfcast.controls.actions.drill(event.target);
  });

  Object.assign(shelfcast.drawings, { hush, measure, picture, remove, sheet, show, tell, words });
})();
