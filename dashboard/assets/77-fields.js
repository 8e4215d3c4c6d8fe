// Fields: a coloured one for each pair of two names, with its figure where it is written.
(() => {
  const { EDGE, GAP, HEIGHT, LINE } = shelfcast.drawings.SIZES;
  const LEGEND = 34;
  const SCALE = 160;
  const BETWEEN = 2;
  const LOWEST = 20;
  const MOST_OF_NAMES = 0.35;
  const MOST_BELOW = 60;

  // Where all of it lies, in pixels. Figures that would run into one another are in the table only; where
  // they say it, no scale does. Of the names below, each stands there and is shortened where there is some
  // room, else every second, and so on.
  function layoutOf({ across, down, values, isWritten }, width, write, measured) {
    const names = Math.min(Math.max(...down.map(measured)), MOST_OF_NAMES * width);
    const left = EDGE + names + GAP;
    const each = (width - EDGE - left) / across.length;
    const widest = Math.max(0, ...values.flat().map((value) => (value === null ? 0 : measured(write(value)))));
    const areWritten = isWritten && widest + 2 * BETWEEN < each;
    const foot = LINE + EDGE + (areWritten ? 0 : LEGEND);
    const pitch = Math.max(LOWEST, (HEIGHT - EDGE - foot) / down.length);
    const bottom = EDGE + pitch * down.length;
    const needed = Math.min(Math.max(...across.map(measured)) + GAP, MOST_BELOW);
    const every = Math.max(1, Math.ceil(needed / each));
    return { names, left, each, pitch, bottom, every, areWritten, height: Math.round(bottom + foot) };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, fields: { layoutOf } };
  if (typeof document === "undefined") return;

  const { fitted, hush, kinds, measure, sheet, tell, words } = shelfcast.drawings;
  const { shape } = shelfcast.panels;
  const { colourAt, inkOn } = shelfcast.figures;
  let scales = 0;

  function legend({ scale, ends: [from, to], fill, right, middle }) {
    const id = `scale-${++scales}`;
    const stops = scale.map(([offset, colour]) => shape("stop", { offset, "stop-color": colour }));
    const left = right - measure(to) - GAP - SCALE;
    return [
      shape("defs", {}, shape("linearGradient", { id }, ...stops)),
      shape("rect", { class: "scale", x: left, y: middle - 5, width: SCALE, height: 10, rx: 3, fill: `url(#${id})` }),
      words(from, { x: left - GAP, y: middle, "text-anchor": "end", fill }),
      words(to, { x: right, y: middle, "text-anchor": "end", fill }),
    ];
  }

  kinds.fields = (holder, figure, { read, formats }) => {
    const { across, down, values, unit, low, high } = figure;
    const { clientWidth: width } = holder;
    const exact = shelfcast.figures.writer(unit, formats);
    const write = shelfcast.figures.writer(unit, formats, { isShort: unit !== "count" });
    const { names, left, each, pitch, bottom, every, areWritten, height } = layoutOf(figure, width, write, measure);
    const scale = figure.scale.map(([at, token]) => [at, read(token)]);
    const fill = read("--dim");
    const xOf = (column) => left + column * each;
    const middleOf = (row) => EDGE + (row + 0.5) * pitch;

    function fieldOf(value, row, column) {
      const colour = colourAt(high > low ? (value - low) / (high - low) : 0, scale);
      const size = { width: each - BETWEEN, height: pitch - BETWEEN };
      const ground = { x: xOf(column), y: EDGE + row * pitch, ...size, fill: `rgb(${colour.map(Math.round)})` };
      const field = shape("rect", { class: "field", ...ground });
      if (!areWritten) return [field];
      const at = { x: xOf(column) + (each - BETWEEN) / 2, y: middleOf(row), "text-anchor": "middle" };
      return [field, words(write(value), { class: "value", ...at, fill: inkOn(colour) })];
    }

    const beside = down.map((name, row) =>
      words(fitted(name, names, measure), { x: left - GAP, y: middleOf(row), "text-anchor": "end", fill }));
    const below = across.map((name, column) => {
      const x = xOf(column + 0.5);
      const room = Math.min(every * each - GAP, 2 * (width - x));
      return column % every ? "" : words(fitted(name, room, measure), { x, y: bottom + LINE / 2, "text-anchor": "middle", fill });
    });
    const inside = values.flatMap((line, row) =>
      line.flatMap((value, column) => (value === null ? [] : fieldOf(value, row, column))));
    const place = { fill, right: width - EDGE, middle: bottom + LINE + LEGEND / 2 };
    const key = areWritten ? [] : legend({ scale, ends: [write(low), write(high)], ...place });
    const picture = sheet(width, height, ...beside, ...inside, ...below, ...key);
    picture.addEventListener("pointermove", ({ offsetX, offsetY }) => {
      const [column, row] = [Math.floor((offsetX - left) / each), Math.floor((offsetY - EDGE) / pitch)];
      const value = values[row]?.[column] ?? null;
      if (value === null) return hush(holder);
      const edges = { top: EDGE + row * pitch - 4, bottom: EDGE + (row + 1) * pitch + 4 };
      return tell(holder, { x: xOf(column + 0.5), ...edges }, `${down[row]}, ${across[column]}`, [["Value", exact(value)]]);
    });
    picture.addEventListener("pointerleave", () => hush(holder));
    return picture;
  };
})();
