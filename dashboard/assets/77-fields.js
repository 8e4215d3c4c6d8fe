// Fields: a coloured one for each pair of two names, with its figure where it is written.
(() => {
  if (typeof document === "undefined") return;
  const { drawn, fitted, hush, kinds, measure, sheet, tell, words } = shelfcast.drawings;
  const EDGE = 8;
  const GAP = 8;
  const LINE = 20;
  const LEGEND = 34;
  const SCALE = 160;
  const BETWEEN = 2;
  const LOWEST_ROW = 20;
  const HEIGHT = 330;
  const MOST_OF_NAMES = 0.35;
  let scales = 0;

  // What the colours stand for, where no figure in a field says it.
  function legend({ scale, low, high, write, read, width, top }) {
    const id = `scale-${++scales}`;
    const stops = scale.map(([offset, colour]) => drawn("stop", { offset, "stop-color": colour }));
    const [from, to] = [write(low), write(high)];
    const left = width - EDGE - measure(to) - GAP - SCALE;
    const middle = top + LEGEND / 2;
    return [
      drawn("defs", {}, drawn("linearGradient", { id }, ...stops)),
      drawn("rect", { x: left, y: middle - 5, width: SCALE, height: 10, rx: 3, fill: `url(#${id})` }),
      words(from, { x: left - GAP, y: middle, "text-anchor": "end", fill: read("--dim") }),
      words(to, { x: width - EDGE, y: middle, "text-anchor": "end", fill: read("--dim") }),
    ];
  }

  // Which of the names below fit beside each other: each, every second, and so on.
  function everyOf(names, room) {
    const widest = Math.max(...names.map(measure)) + GAP;
    return Math.max(1, Math.ceil(Math.min(widest, 90) / room));
  }

  kinds.fields = (holder, { across, down, values, unit, isWritten, scale: given, low, high }, { read, formats }) => {
    const { clientWidth: width } = holder;
    const short = shelfcast.figures.writer(unit, formats, { isShort: unit !== "count" });
    const exact = shelfcast.figures.writer(unit, formats);
    const scale = given.map(([at, token]) => [at, read(token)]);
    const { colourAt, inkOn } = shelfcast.figures;
    const names = Math.min(Math.max(...down.map(measure)), MOST_OF_NAMES * width);
    const left = EDGE + names + GAP;
    const each = (width - EDGE - left) / across.length;
    const widest = Math.max(...values.flat().map((value) => (value === null ? 0 : measure(short(value)))));
    // Figures that would run into one another are in the table only.
    const areWritten = isWritten && widest + 2 * BETWEEN < each;
    const foot = LINE + EDGE + (areWritten ? 0 : LEGEND);
    const pitch = Math.max(LOWEST_ROW, (HEIGHT - EDGE - foot) / down.length);
    const bottom = EDGE + pitch * down.length;
    const parts = [];
    down.forEach((name, row) => {
      const [y, middle] = [EDGE + row * pitch, EDGE + (row + 0.5) * pitch];
      parts.push(words(fitted(name, names, measure), { x: left - GAP, y: middle, "text-anchor": "end", fill: read("--dim") }));
      across.forEach((_, column) => {
        const value = values[row][column];
        if (value === null) return;
        const colour = colourAt(high > low ? (value - low) / (high - low) : 0, scale);
        const x = left + column * each;
        const size = { x, y, width: each - BETWEEN, height: pitch - BETWEEN };
        parts.push(drawn("rect", { class: "field", ...size, fill: `rgb(${colour.map(Math.round)})` }));
        if (areWritten)
          parts.push(words(short(value), { class: "value", x: x + (each - BETWEEN) / 2, y: middle, "text-anchor": "middle", fill: inkOn(colour) }));
      });
    });
    const every = everyOf(across, each);
    across.forEach((name, column) => {
      if (column % every) return;
      const x = left + (column + 0.5) * each;
      parts.push(words(fitted(name, every * each - GAP, measure), { x, y: bottom + LINE / 2, "text-anchor": "middle", fill: read("--dim") }));
    });
    if (!areWritten) parts.push(...legend({ scale, low, high, write: short, read, width, top: bottom + LINE }));
    const picture = sheet(width, Math.round(bottom + foot), ...parts);
    picture.addEventListener("pointermove", ({ offsetX, offsetY }) => {
      const [column, row] = [Math.floor((offsetX - left) / each), Math.floor((offsetY - EDGE) / pitch)];
      const value = values[row]?.[column];
      if (value === undefined || value === null) return hush(holder);
      const [top, under] = [EDGE + row * pitch - 4, EDGE + (row + 1) * pitch + 4];
      return tell(holder, { x: left + (column + 0.5) * each, top, bottom: under }, `${down[row]}, ${across[column]}`, [["Value", exact(value)]]);
    });
    picture.addEventListener("pointerleave", () => hush(holder));
    return picture;
  };
})();
