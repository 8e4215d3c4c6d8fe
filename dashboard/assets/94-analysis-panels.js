// The panels of a page of analysis: each shows a chart or a map, its rows, or why it does not.
(() => {
  if (typeof document === "undefined") return;
  const { make, setAttribute, setText } = shelfcast.panels;

  const PLAIN_HEIGHT = 330;

  // The tokens of a theme do not change, but asking for one makes the browser settle all styles.
  const tokens = new Map();
  document.addEventListener("shelfcast:theme", () => tokens.clear());

  function read(token) {
    if (!tokens.has(token))
      tokens.set(token, getComputedStyle(document.documentElement).getPropertyValue(token).trim());
    return tokens.get(token);
  }

  function keyFigure({ label, unit, value, before, isCost, gap }, formats) {
    const write = shelfcast.figures.writer(unit, formats);
    const item = make("div", "analysis-figure", make("dt", "", label), make("dd", "figure-value", write(value)));
    const isKnown = before !== null && before !== undefined && value !== null;
    // What is compared with less than a whole period has not changed by any percentage.
    if (gap) {
      const words = isKnown ? [make("span", "before", `before ${write(before)}`), " "] : [];
      item.append(make("dd", "figure-comparison", ...words, make("span", "gap", gap)));
      return item;
    }
    if (!isKnown) return item;
    const delta = make("span", "delta", shelfcast.formats.change({ unit, value, before }, formats));
    const isGood = isCost ? value < before : value > before;
    if (value !== before) delta.dataset.mood = isGood ? "good" : "bad";
    item.append(make("dd", "figure-comparison", delta, make("span", "before", `before ${write(before)}`)));
    return item;
  }

  // `fetchRows` returns its rows as a file: as the page's server does, unless said otherwise.
  function panelOf(element, page, go, fetchRows = shelfcast.save.rows) {
    const key = element.dataset.panel;
    const holder = element.querySelector(".analysis-chart");
    const rows = element.querySelector(".analysis-rows");
    const table = shelfcast.tables.tableIn(rows, element.querySelector("h2").textContent);
    let data = null;
    let formats = null;
    let revision = "";
    let drawn = null;
    let room = null;

    // A window may be made narrow, and a phone be turned.
    const resizing = new ResizeObserver(() => {
      const { clientWidth } = holder;
      if (clientWidth && room !== null && roomOf(clientWidth) !== room) drawFigure();
    });
    if (holder) resizing.observe(holder);

    // What is drawn here takes all the width; Plotly's charts follow it themselves, names but in steps.
    const roomOf = (width) => (data.figure?.kind ? width : shelfcast.figures.room(width));

    function drawFigure() {
      if (!data?.figure || !holder) return;
      const { clientWidth: width } = holder;
      room = roomOf(width);
      setAttribute(holder, "aria-label", data.summary);
      // Whoever hears the page is told of each bar; of the others the summary, or the table.
      setAttribute(holder, "role", data.figure.kind === "ranked" ? "group" : "img");
      if (data.figure.kind) {
        if (width) shelfcast.drawings.show(holder, data.figure, { read, formats });
        return;
      }
      shelfcast.drawings.remove(holder);
      const { height, ...layout } = data.figure.layout;
      const more = shelfcast.figures.roomBelow(data.figure, width);
      holder.style.height = height || more ? `${(height ?? PLAIN_HEIGHT) + more}px` : "";
      const look = { read, formats, revision, width };
      const latest = shelfcast.figures.themed({ data: data.figure.data, layout }, look);
      // Only of the same question: another one begins with all of its axis.
      const shown = drawn === revision ? holder.querySelector(".js-plotly-plot") : null;
      const figure = shelfcast.figures.keepingView(latest, shown);
      drawn = revision;
      const config = shelfcast.figures.configOf(formats);
      const graph = holder.querySelector(".js-plotly-plot");
      if (graph && globalThis.Plotly)
        globalThis.Plotly.react(graph, figure.data, { ...figure.layout, autosize: true }, config);
      else globalThis.dash_clientside.set_props({ part: "graph", page, panel: key }, { figure, config });
    }

    function drawRows() {
      if (data?.table && !rows.hidden) table.show(data.table, formats);
    }

    // Choices of one panel lie in the address, as those of the page do.
    function drawControls() {
      const holder = element.querySelector(".panel-controls");
      const controls = data.controls ?? [];
      const signature = JSON.stringify(controls.map(({ value, ...offered }) => offered));
      if (holder.dataset.shown === signature) {
        // What was chosen by keys keeps the focus: the next key chooses on.
        for (const { name, value } of controls) holder.querySelector(`[name="${name}"]`).value = value;
        return;
      }
      holder.dataset.shown = signature;
      holder.replaceChildren(...controls.map(({ name, label, value, options }) => {
        const { labelled, select } = shelfcast.filters;
        const named = Object.fromEntries(options.map((one) => [one.value, one.label]));
        const control = select(name, named, (chosen) => go(new URLSearchParams({ [name]: chosen })));
        control.value = value;
        return labelled(label, control);
      }));
    }

    // Somebody's own words take the place of chart and rows.
    function drawWords() {
      element.dataset.words = "true";
      holder.hidden = rows.hidden = true;
      const summary = element.querySelector(".panel-summary");
      summary.className = "panel-summary board-words";
      shelfcast.markdown.show(summary, data.words);
    }

    function show(latest, latestFormats, latestRevision) {
      data = latest;
      formats = latestFormats;
      revision = latestRevision;
      setAttribute(element, "data-state", data.state);
      setText(element.querySelector(".cover-text"), data.text ?? "");
      if (data.title) setText(element.querySelector("h2"), data.title);
      if (data.words !== undefined) return drawWords();
      if (data.board) return shelfcast.boards.show(data.board, formats);
      if (data.state !== "live") return settle();
      const isDrawn = data.map || data.figure || data.pivot || data.own;
      // A panel of a board shows now this, now that.
      if (holder && isDrawn && (element.dataset.words || element.dataset.tableOnly)) view("chart");
      if (holder && !isDrawn && (!holder.hidden || element.dataset.words)) {
        view("table");
        element.dataset.tableOnly = "true";
      }
      delete element.dataset.words;
      const summary = element.querySelector(".panel-summary");
      summary.className = "panel-summary";
      setText(summary, data.summary);
      setText(element.querySelector(".panel-note"), data.note ?? "");
      const list = element.querySelector(".analysis-figures");
      if (list) list.replaceChildren(...data.keyFigures.map((one) => keyFigure(one, formats)));
      const pivot = element.querySelector("[data-action=pivot-this]");
      if (pivot) {
        pivot.hidden = !data.pivotThis;
        pivot.dataset.part = data.pivotThis ?? "";
      }
      if (data.pivot) shelfcast.pivot.show(data.pivot);
      if (data.own) shelfcast.owners?.[key]?.show(data.own, { go, formats });
      if (data.map) shelfcast.choropleth?.draw(element, data.map, formats);
      drawControls();
      drawFigure();
      drawRows();
    }

    // No answer comes: a grid that waits for one goes on.
    function settle() {
      if (holder?.querySelector("#pivot-grid")) shelfcast.pivot.settle();
    }

    function view(name) {
      const isTable = name === "table";
      delete element.dataset.tableOnly;
      for (const button of element.querySelectorAll("[data-action=panel-view]"))
        setAttribute(button, "aria-pressed", String(button.dataset.view === name));
      rows.hidden = !isTable;
      if (holder) holder.hidden = isTable;
      drawRows();
      if (!isTable) window.dispatchEvent(new Event("resize"));
    }

    async function picture(format) {
      const title = element.querySelector("h2").textContent;
      const look = { title, ground: read("--panel"), text: read("--text") };
      if (data.map) return shelfcast.choropleth.picture(element, format, look);
      if (data.figure.kind) return shelfcast.drawings.picture(holder, format, look);
      const graph = holder.querySelector(".js-plotly-plot");
      if (!graph?.data) throw new Error("It is still being drawn. Try again.");
      return shelfcast.save.chartPicture(graph, format, look);
    }

    async function save(format) {
      const { download, fileName } = shelfcast.save;
      const note = element.querySelector(".save-note");
      setText(note, "Saving …");
      try {
        const isPicture = format === "png" || format === "svg";
        const blob = isPicture
          ? await picture(format)
          : await fetchRows(page, key, format, window.location.search);
        download(blob, fileName(page, key, format));
        setText(note, "Saved");
        element.querySelector(".save-menu").open = false;
      } catch (error) {
        setText(note, error.message);
      }
    }

    return { key, element, show, settle, redraw: drawFigure, view, save, data: () => data };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, analysisPanels: { panelOf } };
})();
