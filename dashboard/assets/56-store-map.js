// The map: one mark per location, sized by revenue, with a sign of its own for each severity.
(() => {
  const { make, setAttribute, setText, shape, tooltip } = shelfcast.panels;
  const SMALLEST = 4;
  const LARGEST = 21;
  const WIDTHS_PER_LARGEST = 50;
  const NARROW = 500;
  const CLOSEST_ZOOM = 7;
  const MOST_CHIPS = 3;

  // The area stands for the revenue, so the radius goes with its root.
  function radius(revenue, most, mapWidth) {
    if (!(revenue > 0) || !(most > 0)) return SMALLEST;
    const largest = Math.min(LARGEST, Math.max(2 * SMALLEST, mapWidth / WIDTHS_PER_LARGEST));
    return SMALLEST + (largest - SMALLEST) * Math.sqrt(Math.min(1, revenue / most));
  }

  function isOnMap({ location }) {
    return Number.isFinite(location.latitude) && Number.isFinite(location.longitude);
  }

  function severityOf({ openAlerts, worstAlert }) {
    return openAlerts > 0 && worstAlert ? worstAlert.toLowerCase() : "none";
  }

  function describe(row, formats) {
    const { location, revenue, orders, openAlerts, worstAlert } = row;
    const alerts = openAlerts
      ? `${openAlerts} open ${openAlerts === 1 ? "alert" : "alerts"}, ${String(worstAlert).toLowerCase()}`
      : "no open alerts";
    return `${location.name}: ${formats.moneyWhole(Number(revenue))}, ${formats.count(orders)} orders, ${alerts}`;
  }

  function markElement(kind) {
    const svg = shape("svg", { class: "store-mark", width: 1, height: 1, "data-kind": kind });
    svg.append(shape("circle", { class: "store-ripple", r: SMALLEST }));
    svg.append(
      kind === "WAREHOUSE"
        ? shape("rect", { class: "store-disc", rx: 3 })
        : shape("circle", { class: "store-disc" }),
    );
    const badge = shape("g", { class: "store-badge" });
    badge.append(shape("path", { class: "badge-warning", d: "M0-7.5 7.5 6h-15Z" }));
    badge.append(
      shape("path", { class: "badge-critical", d: "M-3.3-8h6.6L8-3.3v6.6L3.3 8h-6.6L-8 3.3v-6.6Z" }),
    );
    badge.append(shape("path", { class: "badge-stroke", d: "M0-3.4v4M0 3.3v.2" }));
    svg.append(badge);
    return svg;
  }

  function size(svg, r, scale) {
    const disc = svg.querySelector(".store-disc");
    const rounded = r.toFixed(1);
    if (disc.tagName === "rect") {
      for (const [name, value] of [["x", -r], ["y", -r], ["width", 2 * r], ["height", 2 * r]])
        setAttribute(disc, name, value.toFixed(1));
    } else setAttribute(disc, "r", rounded);
    setAttribute(svg.querySelector(".store-ripple"), "r", rounded);
    const away = (r * 0.75).toFixed(1);
    setAttribute(svg.querySelector(".store-badge"), "transform", `translate(${away} -${away}) scale(${scale})`);
  }

  function tooltipOf(row, formats) {
    const alerts = row.openAlerts ? `${row.openAlerts} open · ${row.worstAlert.toLowerCase()}` : "none";
    return tooltip(row.location.name, [
      ["Revenue", formats.moneyWhole(Number(row.revenue))],
      ["Orders", formats.count(row.orders)],
      ["Alerts", alerts],
    ]);
  }

  const layers = new Set();

  // Leaflet hands the layer over when the map is there, which is after the page is.
  function onLayerAdded({ target }) {
    for (const layer of layers) if (!isShown(layer)) layers.delete(layer);
    layers.add(target);
    document.dispatchEvent(new CustomEvent("shelfcast:map-ready"));
  }

  function isShown(layer) {
    return Boolean(layer._map?.getContainer().isConnected);
  }

  function currentLayer() {
    return [...layers].filter(isShown).at(-1);
  }

  function storeMap(panel) {
    const marks = new Map();
    let formats = null;
    let layer = null;
    let isMoved = false;
    const resizing = new ResizeObserver(() => {
      if (!isMoved) fit();
    });

    function bounds() {
      return globalThis.L.latLngBounds([...marks.values()].map(({ marker }) => marker.getLatLng()));
    }

    function fit() {
      isMoved = false;
      if (marks.size) {
        layer._map.invalidateSize({ animate: false });
        layer._map.fitBounds(bounds(), {
          paddingTopLeft: [34, 34],
          paddingBottomRight: [34, 76],
          maxZoom: CLOSEST_ZOOM,
          animate: false,
        });
      }
    }

    function adopt(found) {
      layer = found;
      const map = layer._map;
      map.on("dragstart", () => {
        isMoved = true;
      });
      map.getContainer().addEventListener("wheel", () => {
        isMoved = true;
      });
      resizing.observe(map.getContainer());
    }

    function addMark(row) {
      const { latitude, longitude, kind, name } = row.location;
      const svg = markElement(kind);
      const holder = globalThis.L.divIcon({ className: "store-holder", iconSize: [0, 0], html: svg });
      const marker = globalThis.L.marker([latitude, longitude], {
        icon: holder,
        alt: name,
        keyboard: true,
        riseOnHover: true,
      });
      const mark = { marker, svg, row, revenue: Number(row.revenue) };
      marker.bindTooltip(() => tooltipOf(mark.row, formats), { direction: "top", offset: [0, -8] });
      marker.addTo(layer);
      const element = marker.getElement();
      element.setAttribute("role", "img");
      element.addEventListener("focus", () => marker.openTooltip());
      element.addEventListener("blur", () => marker.closeTooltip());
      return mark;
    }

    function update(mark, row, most) {
      const revenue = Number(row.revenue);
      const severity = severityOf(row);
      const { x: mapWidth } = layer._map.getSize();
      size(mark.svg, radius(revenue, most, mapWidth), mapWidth < NARROW ? 0.75 : 1);
      setAttribute(mark.svg, "data-severity", severity);
      setAttribute(mark.marker.getElement(), "aria-label", describe(row, formats));
      mark.marker.setZIndexOffset({ none: 0, warning: 500, critical: 1000 }[severity] ?? 0);
      if (revenue > mark.revenue) ripple(mark.svg);
      mark.revenue = revenue;
      mark.row = row;
    }

    function apply(pulse, latestFormats) {
      formats = latestFormats;
      const found = currentLayer();
      if (!found || !globalThis.L) return false;
      if (found !== layer) {
        marks.clear();
        adopt(found);
      }
      const rows = pulse.locations.filter(isOnMap);
      const most = Math.max(0, ...rows.map(({ revenue }) => Number(revenue)));
      const known = new Set(marks.keys());
      let isNew = false;
      for (const row of rows) {
        const { code } = row.location;
        if (!marks.has(code)) {
          marks.set(code, addMark(row));
          isNew = true;
        }
        known.delete(code);
        update(marks.get(code), row, most);
      }
      for (const code of known) {
        marks.get(code).marker.remove();
        marks.delete(code);
      }
      if ((isNew || known.size) && !isMoved) fit();
      showChips(panel.querySelector("#off-map"), pulse, formats);
      return true;
    }

    return { apply, fit, stop: () => resizing.disconnect() };
  }

  // A sale at a location is worth a glance; whoever wants less motion gets none (see the styles).
  function ripple(svg) {
    const circle = svg.querySelector(".store-ripple");
    circle.classList.remove("is-rippling");
    requestAnimationFrame(() => circle.classList.add("is-rippling"));
  }

  // Locations without coordinates, above all the web shop, sell as well.
  function showChips(list, pulse, formats) {
    const rows = pulse.locations
      .filter((row) => !isOnMap(row))
      .sort((one, other) => Number(other.revenue) - Number(one.revenue));
    const chips = rows.slice(0, MOST_CHIPS);
    shelfcast.panels.reconcile(list, chips, {
      key: ({ location }) => location.code,
      create: () => make("li", "", make("span", "icon icon-globe"), make("span", "chip-name"), make("b")),
      update: (element, row) => {
        setText(element.querySelector(".chip-name"), row.location.name);
        setText(element.querySelector("b"), formats.moneyWhole(Number(row.revenue)));
        setAttribute(element, "data-severity", severityOf(row));
        setAttribute(element, "title", describe(row, formats));
      },
    });
  }

  function baseStyle(layerName) {
    return ({ properties }) => ({
      className: `base-${layerName} is-${properties.role}`,
      fill: properties.role === "land",
      interactive: false,
    });
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    storeMap: {
      isOnMap,
      onLayerAdded,
      radius,
      severityOf,
      statesStyle: baseStyle("states"),
      storeMap,
      worldStyle: baseStyle("world"),
    },
  };
})();
