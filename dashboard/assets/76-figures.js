// Turns figures as the server draws them into what Plotly takes: tokens become colours of the
// theme, raw numbers become text in the organisation's currency.
(() => {
  const COLOUR = /colou?r/i;
  const ENTRY = 20;
  const NARROW = 440;
  const WIDE = 700;
  const PSEUDONYM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
  const TOKEN = /^--[a-z0-9-]+$/;

  function coloured(value, read, isColour = false) {
    if (typeof value === "string") return isColour && TOKEN.test(value) ? read(value) : value;
    if (Array.isArray(value)) return value.map((one) => coloured(one, read, isColour));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, coloured(one, read, COLOUR.test(key))]),
    );
  }

  function writer(unit, formats, { isShort = false } = {}) {
    const by = {
      money: isShort ? formats.moneyShort : formats.moneyExact,
      count: isShort ? formats.short : formats.count,
      quantity: isShort ? formats.short : formats.quantity,
      percent: formats.percent,
      number: isShort ? formats.short : formats.quantity,
      date: formats.dayName,
      // Pseudonyms differ at their end; what is none, as "Not said", stays what it is.
      pseudonym: (value) => (PSEUDONYM.test(value) ? `Customer …${value.slice(-8)}` : String(value ?? "–")),
    };
    return by[unit] ?? ((value) => (value === null || value === undefined ? "–" : String(value)));
  }

  const deep = (values, write) =>
    Array.isArray(values) ? values.map((one) => deep(one, write)) : write(values);

  function traceOf(trace, formats) {
    const { unit, text } = trace.meta ?? {};
    if (!unit) return trace;
    const made = { ...trace };
    if (trace.customdata) made.customdata = deep(trace.customdata, writer(unit, formats));
    if (trace.text && text) made.text = deep(trace.text, writer(unit, formats, { isShort: true }));
    return made;
  }

  const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

  // The colour of a value, between the two steps of the scale that it lies between.
  function colourAt(part, scale) {
    const above = Math.max(1, scale.findIndex(([at]) => at >= part));
    const [[low, from], [high, to]] = [scale[above - 1], scale[above]];
    const share = (part - low) / (high - low);
    const ends = [rgb(from), rgb(to)];
    return ends[0].map((one, at) => one + (ends[1][at] - one) * share);
  }

  // How bright people see a colour; WCAG 2, relative luminance.
  function luminance(colour) {
    const [red, green, blue] = colour.map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }

  // Black or white, whichever stands out more: at the turn each has a contrast of 4.6 to 1.
  const inkOn = (colour) => (luminance(colour) > 0.179 ? "#000000" : "#ffffff");

  // A prefix would stand before the minus: where there are losses, the sign of the currency is
  // part of the format. That knows no "B" for the largest steps.
  const LOSSES = [[[null, 1e3], "$,.2~f"], [[1e3, 1e8], "$~s"], [[1e8, null], "$,.0f"]]
    .map(([dtickrange, value]) => ({ dtickrange, value }));

  const configOf = ({ symbol }) => ({
    displayModeBar: false,
    doubleClick: "reset",
    responsive: true,
    locales: { "en-US": { format: { currency: [symbol, ""] } } },
  });

  const hasLosses = (data, axis) =>
    data.some((trace) => [trace[axis] ?? []].flat(2).some((value) => value < 0));

  function axisOf(unit, formats, withLosses = false) {
    if (unit === "percent") return { tickformat: ".2~%", hoverformat: ".1%" };
    if (unit === "money" && withLosses) return { tickformatstops: LOSSES, hoverformat: "$,.2~f" };
    const prefix = unit === "money" ? { tickprefix: formats.symbol } : {};
    return { exponentformat: "B", separatethousands: true, hoverformat: ",.2~f", ...prefix };
  }

  // How many characters of a name leave most of the width to what is drawn.
  const room = (width) => (width < NARROW ? 18 : width < WIDE ? 34 : 52);

  // Two names that are cut to the same stay two: of parts of a ring, Plotly would make one.
  function shortened(names, most) {
    const seen = new Map();
    return names.map((name) => {
      const cut = name.length <= most ? name : `${name.slice(0, most - 1).trimEnd()}…`;
      const before = seen.get(cut) ?? 0;
      seen.set(cut, before + 1);
      return cut + "\u200b".repeat(before);
    });
  }

  // How much higher a chart has to be whose list moved below it.
  function roomBelow({ data, layout }, width) {
    if (width >= NARROW || layout.legend?.orientation !== "v") return 0;
    return ENTRY * data.reduce((most, { labels }) => Math.max(most, labels?.length ?? 0), 0);
  }

  // A list beside a ring takes the width that a phone has not. It stands on the ground of the chart:
  // one that hangs from the ring would be drawn before Plotly knows how much of the height the ring gets.
  function legendBelow({ legend, margin }, below) {
    if (!below) return { legend };
    const standing = { orientation: "h", x: 0, xanchor: "left", y: 0, yanchor: "bottom", yref: "container" };
    return { legend: { ...legend, ...standing, maxheight: 0.7 }, margin: { ...margin, b: below + ENTRY / 2 } };
  }

  // What a person zoomed into or hid stays so when newer figures come.
  function keepingView(figure, shown) {
    const { xaxis } = shown?.layout ?? {};
    const hidden = new Set(
      (shown?.data ?? []).filter(({ visible }) => visible === "legendonly").map(({ name }) => name),
    );
    const isZoomed = xaxis?.autorange === false && figure.layout.xaxis?.fixedrange === false;
    const zoom = isZoomed ? { range: [...xaxis.range], autorange: false } : {};
    return {
      data: figure.data.map((trace) =>
        hidden.has(trace.name) ? { ...trace, visible: "legendonly" } : trace),
      layout: { ...figure.layout, xaxis: { ...figure.layout.xaxis, ...zoom } },
    };
  }

  function themed(figure, { read, formats, revision, width = WIDE }) {
    const { data, layout } = coloured(figure, read);
    const named = layout.meta?.names;
    const axes = Object.entries(layout.meta?.units ?? {});
    const below = legendBelow(layout, roomBelow({ data, layout }, width));
    const shown = { ...layout, uirevision: revision, ...below };
    for (const [name, unit] of axes)
      if (shown[name]) shown[name] = { ...shown[name], ...axisOf(unit, formats, hasLosses(data, name[0])) };
    return {
      data: data.map((trace) => {
        const made = traceOf(trace, formats);
        // A list beside a ring has its own line of the panel where it is narrow.
        if (made[named]) made[named] = shortened(made[named], room(Math.max(width, NARROW)));
        return made;
      }),
      layout: shown,
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, figures: { axisOf, colourAt, coloured, configOf, inkOn, keepingView, room, roomBelow, themed, writer } };
})();
