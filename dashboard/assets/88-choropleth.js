// The map of areas: coloured by what was sold to them, numbered where it is most, moved through time.
(() => {
  const CLASSES = 5;
  const BEST = 5;
  const SMALLEST = 3;
  const LARGEST = 20;
  const MOST_STOPS = 10;
  const STEP_MS = 900;
  const GEO = "/assets/vendor/geo/";
  // What the world map calls otherwise than invoices or ISO 3166 do.
  const OTHER_NAMES = {
    usa: "united states of america", "united states": "united states of america", uk: "united kingdom",
    eire: "ireland", rsa: "south africa", "czech republic": "czechia", "channel is.": "jersey",
    türkiye: "turkey", "hong kong sar china": "hong kong", "macao sar china": "macao", "ivory coast": "côte d'ivoire",
    "congo - kinshasa": "dem. rep. congo", "congo - brazzaville": "congo", "myanmar (burma)": "myanmar",
    "bosnia and herzegovina": "bosnia and herz.", "central african republic": "central african rep.",
    "dominican republic": "dominican rep.", "equatorial guinea": "eq. guinea", "north macedonia": "macedonia",
    "south sudan": "s. sudan", "western sahara": "w. sahara", "faroe is.": "faeroe is.", "cape verde": "cabo verde",
    "antigua and barbuda": "antigua and barb.", "french polynesia": "fr. polynesia", "vatican city": "vatican",
    "palestinian territories": "palestine", "st. vincent and grenadines": "st. vin. and gren.",
    "são tomé and príncipe": "são tomé and principe", "northern mariana is.": "n. mariana is.",
  };

  const keyOf = (name) => {
    const key = String(name).trim().toLowerCase().replace("’", "'").replace(" & ", " and ").replace(/ islands$/, " is.");
    return OTHER_NAMES[key] ?? key;
  };

  // Countries are written as ISO 3166 codes, too: US, DE.
  const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });

  function keyAt(level, name) {
    const isCode = level === "COUNTRY" && /^[A-Za-z]{2}$/.test(name);
    return keyOf((isCode && regions.of(name.toUpperCase())) || name);
  }

  // Limits between classes of about equally many areas; equal ones fall together.
  function limits(values, count = CLASSES) {
    const sorted = values.filter((value) => value > 0).sort((one, other) => one - other);
    if (!sorted.length) return [];
    const cuts = Array.from({ length: count - 1 }, (_, at) =>
      sorted[Math.min(sorted.length - 1, Math.floor(((at + 1) * sorted.length) / count))]);
    return [...new Set(cuts)].filter((cut) => cut > sorted[0]);
  }

  const classOf = (value, cuts) => (value > 0 ? 1 + cuts.filter((cut) => value >= cut).length : 0);

  function radius(value, most) {
    if (!(value > 0) || !(most > 0)) return SMALLEST;
    return SMALLEST + (LARGEST - SMALLEST) * Math.sqrt(Math.min(1, value / most));
  }

  // A shape across the date line goes on beyond it, or it would be drawn once around the world.
  function unwrapped(ring) {
    let turns = 0;
    return ring.map(([x, y], at) => {
      const step = at ? x - ring[at - 1][0] : 0;
      if (Math.abs(step) > 180) turns -= 360 * Math.sign(step);
      return [x + turns, y];
    });
  }

  const polygonsOf = ({ type, coordinates }) => (type === "Polygon" ? [coordinates] : coordinates);

  function withoutJumps({ type, properties, geometry }) {
    const coordinates = polygonsOf(geometry).map((rings) => rings.map(unwrapped));
    return { type, properties, geometry: { type: "MultiPolygon", coordinates } };
  }

  // Area and centre of a ring, in degrees.
  function measured(ring) {
    let [area, x, y] = [0, 0, 0];
    for (let at = 0; at < ring.length - 1; at += 1) {
      const [[x0, y0], [x1, y1]] = [ring[at], ring[at + 1]];
      const cross = x0 * y1 - x1 * y0;
      area += cross / 2;
      x += (x0 + x1) * cross;
      y += (y0 + y1) * cross;
    }
    return { area: Math.abs(area), centre: area ? [y / (6 * area), x / (6 * area)] : [ring[0][1], ring[0][0]] };
  }

  // Where most of a shape lies: islands far away do not count.
  function mainland({ geometry }) {
    const rings = polygonsOf(geometry).map(([ring]) => ({ ring, ...measured(ring) }));
    return rings.reduce((best, one) => (one.area > best.area ? one : best));
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    choropleth: { classOf, keyAt, keyOf, limits, mainland, radius, unwrapped, withoutJumps },
  };
  if (typeof document === "undefined") return;

  const { make, setText, tooltip } = shelfcast.panels;
  const files = new Map();
  let holder = null;
  let pending = null;
  let state = null;
  let playing = null;

  function geometry(name) {
    if (!files.has(name)) {
      files.set(name, fetch(`${GEO}${name}.json`).then((response) => response.json()));
      files.get(name).catch(() => files.delete(name));
    }
    return files.get(name);
  }

  function onLayerAdded({ target }) {
    holder = target;
    state = null;
    followSize(target._map);
    if (pending) draw(...pending);
  }

  // All of it stays in sight when a window is made narrow, until somebody looks closer.
  function followSize(map) {
    const element = map.getContainer();
    let isMoved = false;
    const hold = () => {
      isMoved = true;
    };
    map.on("dragstart", hold);
    for (const kind of ["wheel", "click", "keydown"]) element.addEventListener(kind, hold);
    new ResizeObserver(() => {
      if (state && holder._map === map && !isMoved && element.clientWidth) fit(state);
    }).observe(element);
  }

  const write = (data, formats) => shelfcast.figures.writer(data.unit, formats);

  function tooltipOf(area, data, formats) {
    const values = [["Sold", write(data, formats)(area.value)]];
    if (area.orders !== undefined) values.push(["Orders", formats.count(area.orders)]);
    if (area.group) values.push(["Leads", area.group]);
    if (area.note) values.push(["Distributors", area.note]);
    return tooltip(area.label ?? area.name, values);
  }

  // Whatever the keyboard reaches says what it is, and does what a press does.
  function reachable(layer, area, data, formats) {
    layer.bindTooltip(() => tooltipOf(area(), data, formats), { sticky: true });
    layer.on("click", () => area().drill && press(area().drill));
    const element = layer.getElement?.();
    if (!element) return;
    // Hundreds of stops would bar the way with the keyboard: the table has all of them.
    const isStop = (data.areas ?? []).indexOf(area()) < MOST_STOPS;
    element.setAttribute("tabindex", isStop ? "0" : "-1");
    element.setAttribute("role", "button");
    element.setAttribute("aria-label", `${area().label ?? area().name}: ${write(data, formats)(area().value)}`);
    element.addEventListener("focus", () => layer.openTooltip());
    element.addEventListener("blur", () => layer.closeTooltip());
    element.addEventListener("keydown", ({ key }) => {
      if (key === "Enter" && area().drill) press(area().drill);
    });
  }

  function press(part) {
    const button = make("button");
    button.dataset.action = "drill";
    button.dataset.part = part;
    shelfcast.controls.actions.drill(button);
  }

  function build(element, data, geo, formats) {
    holder.clearLayers();
    const areas = new Map(data.areas.map((area) => [keyAt(data.level, area.id), area]));
    const built = { element, data, formats, areas, layers: new Map(), at: -1, labels: [] };
    if (data.level === "POSTAL_CODE") addPoints(built, geo);
    else addShapes(built, geo);
    built.missing = [...areas.keys()].filter((key) => !built.layers.has(key)).length;
    for (const store of data.stores) addStore(built, store);
    return built;
  }

  function addShapes(built, geo) {
    const L = globalThis.L;
    for (const shape of geo.features) {
      const { role, name, code } = shape.properties;
      if (role !== "land" || !name) continue;
      const feature = withoutJumps(shape);
      const key = [keyOf(name), keyOf(code ?? "")].find((one) => built.areas.has(one));
      const layer = L.geoJSON(feature, { style: { className: "area-shape", weight: 1 } }).addTo(holder);
      layer.eachLayer((drawn) => {
        if (!key) return;
        built.layers.set(key, drawn);
        reachable(drawn, () => built.areas.get(key), built.data, built.formats);
      });
    }
  }

  function addPoints(built, places) {
    for (const [key, area] of built.areas) {
      const place = places[area.id];
      if (!place) continue;
      const point = globalThis.L.circleMarker(place, { className: "area-point", radius: SMALLEST, weight: 1 });
      point.addTo(holder);
      built.layers.set(key, point);
      reachable(point, () => built.areas.get(key), built.data, built.formats);
    }
  }

  function addStore(built, store) {
    const most = Math.max(...built.data.stores.map(({ value }) => value));
    const mark = globalThis.L.circleMarker([store.latitude, store.longitude], {
      className: "area-store",
      radius: Math.max(5, radius(store.value, most) / 1.6),
      weight: 2,
    });
    mark.addTo(holder);
    reachable(mark, () => store, built.data, built.formats);
  }

  function valueAt(built, area) {
    if (built.at < 0 || !built.data.frames) return area.value;
    return built.data.frames.values[area.id]?.[built.at] ?? 0;
  }

  // Through time, one scale holds for all steps: else the same colour would mean different things.
  function scaleOf({ data }) {
    const all = data.frames && state?.at >= 0 ? Object.values(data.frames.values).flat() : data.areas.map(({ value }) => value);
    return limits(all);
  }

  function paint(built) {
    const { data, layers, areas } = built;
    const cuts = scaleOf(built);
    const most = Math.max(0, ...[...areas.values()].map((area) => valueAt(built, area)));
    for (const [key, layer] of layers) {
      const area = areas.get(key);
      const value = valueAt(built, area);
      const shape = layer.getElement();
      if (!shape) continue;
      if (data.groups) shape.dataset.group = String(1 + data.groups.indexOf(area.group));
      else shape.dataset.class = String(classOf(value, cuts));
      if (layer.setRadius) layer.setRadius(radius(value, most));
    }
    number(built);
    legend(built, cuts);
  }

  // The first five carry their rank, so that colour is not the only sign.
  function number(built) {
    for (const label of built.labels) label.remove();
    const ranked = [...built.areas.entries()]
      .filter(([key, area]) => built.layers.has(key) && valueAt(built, area) > 0)
      .sort(([, one], [, other]) => valueAt(built, other) - valueAt(built, one))
      .slice(0, BEST);
    built.labels = ranked.map(([key], at) => {
      const layer = built.layers.get(key);
      const place = layer.feature ? mainland(layer.feature).centre : layer.getLatLng();
      const icon = globalThis.L.divIcon({ className: "area-rank", html: String(at + 1), iconSize: [22, 22] });
      return globalThis.L.marker(place, { icon, interactive: false, keyboard: false }).addTo(holder);
    });
  }

  function legendItems({ data, formats }, cuts) {
    if (data.groups) return data.groups.map((name, at) => ({ group: at + 1, text: name }));
    const short = shelfcast.figures.writer(data.unit, formats, { isShort: true });
    const bounds = [null, ...cuts];
    const none = data.level === "POSTAL_CODE" ? [] : [{ level: 0, text: "nothing sold" }];
    return none.concat(bounds.map((from, at) => ({
      level: at + 1,
      text: from === null
        ? (cuts.length ? `below ${short(cuts[0])}` : "sold")
        : at === cuts.length ? `${short(from)} and more` : `${short(from)} – ${short(cuts[at])}`,
    })));
  }

  function legend(built, cuts) {
    const items = legendItems(built, cuts).map(({ level, group, text }) => {
      const swatch = make("i");
      if (group) swatch.dataset.group = String(group);
      else swatch.dataset.class = String(level);
      return make("li", "", swatch, text);
    });
    items.push(make("li", "", make("b", "area-rank", "1"), "first five"));
    if (built.data.stores.length) items.push(make("li", "", make("i", "is-store"), "our places"));
    if (built.missing) items.push(make("li", "is-missing", `${built.missing} not on this map: see the table`));
    built.element.querySelector(".area-legend").replaceChildren(...items);
  }

  function time(built) {
    const row = built.element.querySelector(".map-time");
    const steps = built.data.frames?.steps ?? [];
    row.hidden = steps.length < 2;
    const place = row.querySelector(".map-time-holder");
    let slider = place.querySelector("input");
    if (!slider) {
      slider = make("input");
      slider.type = "range";
      slider.setAttribute("aria-label", "Time");
      slider.addEventListener("input", () => move(Number(slider.value)));
      place.append(slider);
    }
    slider.min = "0";
    slider.max = String(steps.length);
    slider.value = String(built.at + 1);
    name(built);
  }

  function name(built) {
    const text = built.at < 0 ? "All of it" : built.data.frames.steps[built.at];
    setText(built.element.querySelector(".map-time-name"), text);
    built.element.querySelector(".map-time input")?.setAttribute("aria-valuetext", text);
  }

  function move(place) {
    state.at = place - 1;
    name(state);
    paint(state);
  }

  function play() {
    if (playing) return stopPlaying();
    const slider = state.element.querySelector(".map-time input");
    playing = setInterval(() => {
      if (!slider.isConnected) return stopPlaying();
      const next = Number(slider.value) >= Number(slider.max) ? 1 : Number(slider.value) + 1;
      slider.value = String(next);
      return move(next);
    }, STEP_MS);
    return undefined;
  }

  function stopPlaying() {
    clearInterval(playing);
    playing = null;
  }

  function fit(built) {
    const map = holder._map;
    map.invalidateSize({ animate: false });
    const isUs = built.data.geometry !== "world";
    const us = globalThis.L.latLngBounds([24.4, -125], [49.4, -66.9]);
    const main = [...built.layers.values()].flatMap(({ feature }) =>
      (feature ? mainland(feature).ring.map(([x, y]) => [y, x]) : []));
    const bounds = isUs || !main.length ? us : globalThis.L.latLngBounds(main);
    map.fitBounds(bounds, { padding: [12, 12], animate: false });
  }

  const focusedIn = ({ layers }) =>
    [...layers].find(([, layer]) => layer.getElement?.() === document.activeElement)?.[0];

  async function draw(element, data, formats) {
    pending = [element, data, formats];
    if (!holder?._map || !globalThis.L) return;
    const geo = await geometry(data.geometry);
    if (pending[1] !== data) return;
    const before = state;
    const isSame = before?.element === element && before.data.level === data.level;
    // What stands there already stays, and with it what is pointed at, or about to be pressed.
    if (isSame && before.formats.currency === formats.currency && JSON.stringify(before.data) === JSON.stringify(data)) return;
    const focused = isSame && focusedIn(before);
    const built = build(element, data, geo, formats);
    if (isSame && data.frames && before.data.frames?.steps.join() === data.frames.steps.join()) built.at = before.at;
    state = built;
    time(built);
    paint(built);
    if (!isSame) fit(built);
    built.layers.get(focused)?.getElement()?.focus({ preventScroll: true });
  }

  // A drawing of its own: the shapes as they lie, their colours written out, a title and the legend.
  async function picture(element, format, { title, ground, text }) {
    const map = holder._map;
    const { x: width, y: height } = map.getSize();
    const offset = map.containerPointToLayerPoint([0, 0]);
    const shapes = [...element.querySelectorAll(".leaflet-overlay-pane path")].map((path) => {
      const { fill, fillOpacity, stroke, strokeWidth } = getComputedStyle(path);
      return `<path d="${path.getAttribute("d")}" fill="${fill}" fill-opacity="${fillOpacity}" stroke="${stroke}" stroke-width="${strokeWidth}"/>`;
    });
    const ranks = state.labels.map((label, at) => {
      const { x, y } = map.latLngToLayerPoint(label.getLatLng());
      return `<text x="${x}" y="${y + 4}" text-anchor="middle" font-weight="700" font-size="13" fill="${text}">${at + 1}</text>`;
    });
    const safe = (words) => words.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`);
    const keys = [...element.querySelectorAll(".area-legend li")].map((item, at) => {
      const swatch = item.querySelector("i");
      const colour = swatch ? getComputedStyle(swatch).backgroundColor : "none";
      const y = 40 + at * 19;
      return `<rect x="14" y="${y}" width="13" height="13" rx="3" fill="${colour}"/><text x="34" y="${y + 11}" font-size="12" fill="${text}">${safe(item.textContent)}</text>`;
    });
    const when = element.querySelector(".map-time-name").textContent;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter Variable, system-ui, sans-serif"><title>${safe(title)}</title><rect width="100%" height="100%" fill="${ground}"/><g transform="translate(${-offset.x} ${-offset.y})">${shapes.join("")}${ranks.join("")}</g><text x="14" y="24" font-size="15" font-weight="600" fill="${text}">${safe(`${title} · ${when}`)}</text>${keys.join("")}</svg>`;
    if (format === "svg") return new Blob([svg], { type: "image/svg+xml" });
    return shelfcast.save.pngOf(svg, { width, height });
  }

  Object.assign(shelfcast.controls.actions, { "play-map": play });
  Object.assign(shelfcast.choropleth, { draw, onLayerAdded, picture });
})();
