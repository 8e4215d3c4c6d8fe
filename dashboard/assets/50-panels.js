// What every panel has in common: its state, its watermark, and a few ways to write to the page.
(() => {
  const { ageText } = shelfcast.formats;

  function setText(element, text) {
    if (element && element.textContent !== text) element.textContent = text;
  }

  function setAttribute(element, name, value) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }

  function make(tag, className, ...children) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  }

  // A shape of a drawing (SVG).
  function shape(tag, attributes, ...children) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  // What is said beside a mark that somebody points at: a name, and values by their names.
  function tooltip(name, values) {
    const lines = values.map(([what, value]) => make("div", "", make("span", "", what), make("b", "", value)));
    return make("div", "store-tooltip", make("strong", "", name), ...lines);
  }

  function icon(name) {
    const element = make("span", `icon icon-${name}`);
    element.setAttribute("aria-hidden", "true");
    return element;
  }

  // Brings a list to `items`, keeping the element of each key; new elements get `.is-new`.
  function reconcile(list, items, { key, create, update }) {
    const old = new Map([...list.children].map((element) => [element.dataset.key, element]));
    const isFirst = old.size === 0;
    let place = list.firstElementChild;
    for (const item of items) {
      const id = key(item);
      let element = old.get(id);
      if (!element) {
        element = create(item);
        element.dataset.key = id;
        if (!isFirst) element.classList.add("is-new");
      }
      old.delete(id);
      update(element, item);
      if (element === place) place = place.nextElementSibling;
      else list.insertBefore(element, place);
    }
    for (const element of old.values()) element.remove();
  }

  function panels(root, ages) {
    const element = (key) => root.querySelector(`#panel-${key}`);
    const contents = new Map();
    const notes = new Map();

    // `content` is what the data say (live or empty), or error; staleness comes on top of it.
    function show(key, content, text = "") {
      contents.set(key, content);
      setText(root.querySelector(`#cover-${key}`), text);
    }

    function fail(key, code) {
      show(key, "error", `These data cannot be read just now (${code})`);
    }

    function note(key, text) {
      notes.set(key, text);
    }

    function applied(key, { cursor, version, rows, at }) {
      const panel = element(key);
      if (!panel) return;
      if (cursor !== undefined) setAttribute(panel, "data-cursor", cursor ?? "");
      if (version !== undefined) panel.setAttribute("data-version", version);
      if (rows !== undefined) panel.setAttribute("data-applied", rows);
      panel.setAttribute("data-applied-at", at.toFixed(1));
    }

    function stateOf(key, serverNow) {
      const content = contents.get(key) ?? "loading";
      if (content === "error" || content === "loading") return content;
      return ages.isStale(key, serverNow) ? "stale" : content;
    }

    function paint(serverNow, formats) {
      for (const panel of root.querySelectorAll("[data-panel]")) {
        const key = panel.dataset.panel;
        setAttribute(panel, "data-state", stateOf(key, serverNow));
        const asOf = ages.asOf(key);
        if (asOf === null || !formats) continue;
        const mark = panel.querySelector(".watermark");
        const time = mark.querySelector("time");
        setAttribute(panel, "data-as-of", new Date(asOf).toISOString());
        setAttribute(time, "datetime", new Date(asOf).toISOString());
        setText(time, `${formats.second(asOf)} ${formats.zoneName(asOf)}`);
        setText(mark.querySelector(".watermark-age"), ageText(ages.age(key, serverNow)));
        setText(mark.querySelector(".watermark-note"), notes.get(key) ?? "");
      }
    }

    return {
      applied,
      element,
      fail,
      failed: () => [...contents.values()].filter((content) => content === "error").length,
      note,
      paint,
      show,
    };
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    panels: { icon, make, panels, reconcile, setAttribute, setText, shape, tooltip },
  };
})();
