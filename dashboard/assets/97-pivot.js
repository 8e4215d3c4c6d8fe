// The pivot page around its grid: layout without dragging, keeping, and "Pivot this" of any chart.
(() => {
  if (typeof document === "undefined") return;
  const { make, setAttribute, setText } = shelfcast.panels;
  const { labelled, select } = shelfcast.filters;
  const { LISTS, chosen, withPart } = shelfcast.view;
  const GRID = "/assets/lazy/pivot-grid.mjs";
  const OWN = ["name", "by", "within", "grain", "rank", "baseline", "top", "pivot"];

  let page = null;

  const isDark = () => document.documentElement.dataset.theme !== "light";
  const go = (part) => shelfcast.controls.actions.drill({ dataset: { part: part.toString() } });

  function filtersShown() {
    const found = {};
    for (const { name, value } of chosen(window.location.search)) (found[name] ??= []).push(value);
    return found;
  }

  // The part of the address that says a layout; what is empty takes a name out of it.
  function partOf({ rows, columns, measures, sort, descending, filters }, nothing) {
    const part = new URLSearchParams({
      rows: rows.join(",") || nothing,
      columns: columns.join(",") || nothing,
      figures: measures.join(","),
      sort: sort ?? "",
      order: descending ? "" : "ASC",
    });
    if (filters)
      for (const name of LISTS) for (const value of filters[name] ?? [""]) part.append(name, value);
    return part;
  }

  // Returns whether another answer will come.
  function wanted(layout) {
    const part = partOf(layout, page.config.nothing);
    if (withPart(window.location.search, part) === window.location.search) return false;
    go(part);
    return true;
  }

  function startPage(config) {
    const holder = document.getElementById("pivot-grid");
    const root = document.getElementById("pivot-layout");
    let grid = null;
    let layout = layoutOfAddress();

    const options = { "": "—", ...config.dimensions };
    const selects = Object.fromEntries(["rows", "columns"].map((name) => [
      name,
      Array.from({ length: config.places[name] }, () => select(name, options, relaid)),
    ]));
    const boxes = Object.entries(config.figures).map(([name, label]) => {
      const box = make("input");
      box.type = "checkbox";
      box.value = name;
      box.addEventListener("change", relaid);
      return make("label", "filter-box", box, make("span", "", label));
    });
    const sheet = make("details", "filter-sheet", make("summary", "button quiet", "Figures"),
      make("div", "filter-groups", make("fieldset", "filter-group", make("div", "filter-boxes", ...boxes))));
    const labels = { rows: ["Rows", "then", "then", "then"], columns: ["Columns", "then"] };
    root.replaceChildren(
      ...["rows", "columns"].flatMap((name) =>
        selects[name].map((control, at) => labelled(labels[name][at], control))),
      sheet,
    );

    function relaid() {
      const values = (name) => [...new Set(selects[name].map(({ value }) => value).filter(Boolean))];
      const rows = values("rows");
      const columns = values("columns").filter((name) => !rows.includes(name));
      const ticked = boxes.map((box) => box.firstChild).filter(({ checked }) => checked).map(({ value }) => value);
      const kept = layout.measures.filter((name) => ticked.includes(name));
      const measures = [...kept, ...ticked.filter((name) => !kept.includes(name))];
      if (!measures.length) return paint();
      wanted({ ...layout, rows, columns, measures, sort: measures.includes(layout.sort) ? layout.sort : null });
    }

    function paint() {
      for (const [name, controls] of Object.entries(selects))
        controls.forEach((control, at) => {
          control.value = layout[name][at] ?? "";
          control.closest("label").hidden = at > layout[name].length;
        });
      for (const box of boxes) box.firstChild.checked = layout.measures.includes(box.firstChild.value);
    }

    function layoutOfAddress() {
      const said = new URLSearchParams(window.location.search);
      const listed = (name) => {
        const text = said.get(name) ?? config.defaults[name];
        return text && text !== config.nothing ? text.split(",") : [];
      };
      return {
        rows: listed("rows"),
        columns: listed("columns"),
        measures: listed("figures"),
        sort: said.get("sort"),
        descending: said.get("order") !== "ASC",
        filters: filtersShown(),
      };
    }

    // Without an answer too the layout can be changed: what is too large is made smaller.
    async function settle() {
      layout = layoutOfAddress();
      paint();
      (await grid)?.settle();
    }

    async function show(data) {
      const filters = filtersShown();
      layout = { ...data, measures: data.figures.map(({ name }) => name), filters };
      paint();
      const names = {
        dimensions: data.dimensions, measures: config.figures, filterOf: data.filterOf, options: data.options,
      };
      try {
        grid ??= import(GRID).then(({ gridIn }) => gridIn(holder, { wanted, isDark }));
        await (await grid).show({ ...layout, names });
        setAttribute(holder, "data-state", "live");
      } catch (error) {
        console.warn("the grid cannot be shown", error);
        setAttribute(holder, "data-state", "error");
        shelfcast.controls.actions["panel-view"](document.querySelector("#panel-pivot [data-view=table]"));
      }
    }

    paint();
    const restyle = async () => (await grid)?.restyle();
    document.addEventListener("shelfcast:theme", restyle);
    const keeping = shelfcast.keeping?.form(document.getElementById("pivot-keep"), config);
    return {
      config,
      keeping,
      show,
      settle,
      async stop() {
        document.removeEventListener("shelfcast:theme", restyle);
        (await grid)?.close();
      },
    };
  }

  function show(data) {
    if (data.saved) page?.keeping?.offer(data.saved);
    else page?.show(data);
  }

  // Filters and period go along, what only the other page understands does not.
  function pivotThis({ dataset }) {
    const cleared = new URLSearchParams(OWN.map((name) => [name, ""]));
    const search = withPart(withPart(window.location.search, cleared), dataset.part);
    window.location.assign(`/pivot${search}`);
  }
  shelfcast.controls.actions["pivot-this"] = pivotThis;

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    pivot: { partOf, settle: () => page?.settle(), show },
  };
  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    pivot: {
      start(config) {
        page?.stop();
        page = config ? startPage(config) : null;
        return globalThis.dash_clientside.no_update;
      },
      kept(answer) {
        if (answer) page?.keeping?.answered(answer);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
