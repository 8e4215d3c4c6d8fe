// Ranked values, each as a bar as narrow as their number asks for, with the part of the total that the
// first of them make up together.
(() => {
  if (typeof document === "undefined") return;
  const { drawn, hush, kinds, measure, sheet, tell, ticks, words } = shelfcast.drawings;
  const EDGE = 8;
  const GAP = 8;
  const LINE = 20;
  const HEIGHT = 330;
  const BESIDE = 3;
  const STEPS = 5;
  const PARTS = [0, 0.25, 0.5, 0.75, 1];

  function legend({ read, left }) {
    const middle = EDGE + LINE / 2;
    const second = left + 24 + measure("Each") + 3 * GAP;
    return [
      drawn("rect", { x: left, y: middle - 5, width: 16, height: 10, rx: 2, fill: read("--series-1") }),
      words("Each", { x: left + 24, y: middle, fill: read("--text") }),
      drawn("path", { d: `M${second},${middle}h20`, stroke: read("--series-4"), "stroke-width": 2.4, "stroke-dasharray": "7 5" }),
      words("Together, part of all", { x: second + 28, y: middle, fill: read("--text") }),
    ];
  }

  kinds.pareto = (holder, { bars, total, unit }, { read, formats }) => {
    const { clientWidth: width } = holder;
    const short = shelfcast.figures.writer(unit, formats, { isShort: true });
    const exact = shelfcast.figures.writer(unit, formats);
    const values = bars.map(({ value }) => value ?? 0);
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const marks = ticks(low, high, STEPS);
    const left = EDGE + Math.max(...marks.map((one) => measure(short(one)))) + GAP;
    const right = width - EDGE - measure("100%") - GAP;
    const [top, bottom] = [EDGE + LINE + GAP, HEIGHT - EDGE - 2 * LINE];
    const y = (value) => bottom - ((value - low) / (high - low || 1)) * (bottom - top);
    const partY = (part) => bottom - part * (bottom - top);
    const each = (right - left) / bars.length;
    const between = each > 2 * BESIDE ? Math.min(BESIDE, 0.15 * each) : 0;
    let sum = 0;
    const running = values.map((value) => (total ? (sum += value) / total : null));
    const dim = { fill: read("--dim") };
    const grid = marks.flatMap((one) => [
      drawn("path", { d: `M${left},${y(one)}H${right}`, stroke: read("--line") }),
      words(short(one), { x: left - GAP, y: y(one), "text-anchor": "end", ...dim }),
    ]);
    const parts = PARTS.map((part) => words(`${100 * part}%`, { x: right + GAP, y: partY(part), ...dim }));
    const columns = values.map((value, at) => `M${left + at * each},${y(0)}V${y(value)}h${each - between}V${y(0)}z`);
    const line = running.map((part, at) => `${at ? "L" : "M"}${left + (at + 0.5) * each},${partY(part ?? 0)}`);
    const ranks = ticks(1, bars.length, STEPS).filter((rank) => Number.isInteger(rank) && rank > 0);
    const below = ranks.map((rank) =>
      words(String(rank), { x: left + (rank - 0.5) * each, y: bottom + LINE / 2, "text-anchor": "middle", ...dim }));
    const dashes = { fill: "none", stroke: read("--series-4"), "stroke-width": 2.4, "stroke-dasharray": "7 5" };
    const over = drawn("rect", { class: "over", x: left, y: top, width: right - left, height: bottom - top, fill: "transparent" });
    const picture = sheet(
      width, HEIGHT, ...legend({ read, left }), ...grid, ...parts,
      drawn("path", { class: "bars", d: columns.join(""), fill: read("--series-1") }),
      drawn("path", { class: "together", d: line.join(""), ...dashes }),
      ...below, words("Rank", { x: (left + right) / 2, y: bottom + 1.5 * LINE, "text-anchor": "middle", ...dim }), over,
    );
    over.addEventListener("pointermove", ({ offsetX }) => {
      const at = Math.max(0, Math.min(bars.length - 1, Math.floor((offsetX - left) / each)));
      const { name, value, drill } = bars[at];
      for (const [key, said] of [["action", drill ? "drill" : ""], ["part", drill ?? ""]]) over.dataset[key] = said;
      const place = { x: left + (at + 1) * each + GAP, top: y(value ?? 0), bottom: top };
      const share = running[at] === null ? [] : [[`First ${at + 1} together`, formats.percent(running[at])]];
      tell(holder, place, `${at + 1}. ${name}`, [["Value", exact(value)], ...share]);
    });
    over.addEventListener("pointerleave", () => hush(holder));
    return picture;
  };
})();
