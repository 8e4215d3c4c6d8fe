// Ranked values, each a bar as narrow as their number asks for, with the part of the total that the first
// of them make up together.
(() => {
  const { EDGE, GAP, HEIGHT, LINE } = shelfcast.drawings.SIZES;
  const BETWEEN = 3;
  const STEPS = 5;
  const PARTS = [0, 0.25, 0.5, 0.75, 1];

  // Where all of it lies, in pixels; `parts` are the parts of the total, null where there is none.
  function layoutOf({ bars, total }, width, write, measured) {
    const values = bars.map(({ value }) => value ?? 0);
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const marks = shelfcast.drawings.ticks(low, high, STEPS);
    const left = EDGE + Math.max(...marks.map((one) => measured(write(one)))) + GAP;
    const right = width - EDGE - measured("100%") - GAP;
    const [top, bottom] = [EDGE + LINE + GAP, HEIGHT - EDGE - 2 * LINE];
    const each = (right - left) / bars.length;
    let sum = 0;
    const parts = values.map((value) => (total ? (sum += value) / total : null));
    return {
      values, marks, left, right, top, bottom, each, parts,
      between: each > 2 * BETWEEN ? BETWEEN : 0,
      ranks: shelfcast.drawings.ticks(0, bars.length, STEPS).filter((rank) => rank > 0 && Number.isInteger(rank)),
      yOf: (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top),
      partY: (part) => bottom - part * (bottom - top),
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, pareto: { layoutOf } };
  if (typeof document === "undefined") return;

  const { hush, kinds, measure, sheet, tell, words } = shelfcast.drawings;
  const { shape } = shelfcast.panels;

  function legend({ bar, dashes, fill, left }) {
    const middle = EDGE + LINE / 2;
    const second = left + 24 + measure("Each") + 3 * GAP;
    return [
      shape("rect", { x: left, y: middle - 5, width: 16, height: 10, rx: 2, fill: bar }),
      words("Each", { x: left + 24, y: middle, fill }),
      shape("path", { d: `M${second},${middle}h20`, ...dashes }),
      words("Together, part of all", { x: second + 28, y: middle, fill }),
    ];
  }

  kinds.pareto = (holder, figure, { read, formats }) => {
    const { bars, unit } = figure;
    const { clientWidth: width } = holder;
    const exact = shelfcast.figures.writer(unit, formats);
    const write = shelfcast.figures.writer(unit, formats, { isShort: true });
    const { values, marks, left, right, top, bottom, each, parts, between, ranks, yOf, partY } =
      layoutOf(figure, width, write, measure);
    const [bar, fill, line] = ["--series-1", "--dim", "--line"].map(read);
    const dashes = { fill: "none", stroke: read("--series-4"), "stroke-width": 2.4, "stroke-dasharray": "7 5" };
    const xOf = (at) => left + at * each;
    const grid = marks.flatMap((one) => [
      shape("path", { d: `M${left},${yOf(one)}H${right}`, stroke: line }),
      words(write(one), { x: left - GAP, y: yOf(one), "text-anchor": "end", fill }),
    ]);
    const scale = PARTS.map((part) => words(`${100 * part}%`, { x: right + GAP, y: partY(part), fill }));
    const columns = values.map((value, at) => `M${xOf(at)},${yOf(0)}V${yOf(value)}h${each - between}V${yOf(0)}z`);
    const together = parts.map((part, at) => `${at ? "L" : "M"}${xOf(at + 0.5)},${partY(part ?? 0)}`);
    const below = ranks.map((rank) =>
      words(String(rank), { x: xOf(rank - 0.5), y: bottom + 0.75 * LINE, "text-anchor": "middle", fill }));
    const over = shape("rect", { class: "over", x: left, y: top, width: right - left, height: bottom - top, fill: "transparent" });
    const picture = sheet(
      width, HEIGHT, ...legend({ bar, dashes, fill: read("--text"), left }), ...grid, ...scale,
      shape("path", { class: "bars", d: columns.join(""), fill: bar }),
      shape("path", { class: "together", d: together.join(""), ...dashes }),
      ...below, words("Rank", { x: (left + right) / 2, y: bottom + 1.65 * LINE, "text-anchor": "middle", fill }), over,
    );
    over.addEventListener("pointermove", ({ offsetX }) => {
      const at = Math.max(0, Math.min(bars.length - 1, Math.floor((offsetX - left) / each)));
      const { name, value, drill } = bars[at];
      Object.assign(over.dataset, { action: drill ? "drill" : "", part: drill ?? "" });
      const share = parts[at] === null ? [] : [[`First ${at + 1} together`, formats.percent(parts[at])]];
      const place = { x: xOf(at + 1) + GAP, top: yOf(values[at]), bottom: top };
      tell(holder, place, `${at + 1}. ${name}`, [["Value", exact(value)], ...share]);
    });
    over.addEventListener("pointerleave", () => hush(holder));
    return picture;
  };
})();
