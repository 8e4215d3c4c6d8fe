// Tables of records: pressing a heading sorts what is shown, pressing it thrice undoes that.
(() => {
  if (typeof document === "undefined") return;
  const { setAttribute } = shelfcast.panels;
  const SORTED = new WeakMap();

  // An instant by itself, not by how it is written; everything else as it is read.
  function valueOf(row, at) {
    const cell = row.cells[at];
    const text = cell?.querySelector("time")?.dateTime ?? cell?.textContent.trim();
    return text ? text : null;
  }

  // The script of the page may have brought other rows: each knows its place in the server's order.
  function draw(table) {
    const sort = SORTED.get(table);
    const body = table.tBodies[0];
    const rows = [...body.rows].sort((one, other) => one.dataset.place - other.dataset.place);
    const columns = [...table.tHead.rows[0].cells].map(() => ({ unit: "text" }));
    const values = rows.map((row) => columns.map((_, at) => valueOf(row, at)));
    const order = shelfcast.tables.order({ columns, rows: values }, sort);
    const wanted = order.map((place) => rows[place]);
    if (wanted.some((row, at) => body.rows[at] !== row)) body.append(...wanted);
    for (const [at, cell] of [...table.tHead.rows[0].cells].entries()) {
      if (!cell.hasAttribute("aria-sort")) continue;
      const direction = sort?.isDescending ? "descending" : "ascending";
      setAttribute(cell, "aria-sort", sort?.column === at ? direction : "none");
    }
  }

  // What comes newly takes its place in the order that was chosen.
  function follow(table) {
    const changes = { subtree: true, childList: true, characterData: true };
    new MutationObserver(() => SORTED.get(table) && draw(table)).observe(table.tBodies[0], changes);
  }

  shelfcast.controls.actions["sort-records"] = (button) => {
    const table = button.closest("table");
    if (!SORTED.has(table)) follow(table);
    const { cellIndex } = button.closest("th");
    SORTED.set(table, shelfcast.tables.nextSort(SORTED.get(table), cellIndex, "text"));
    draw(table);
  };

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    records: {
      // A link to the page shows what its sender saw.
      link(_, told) {
        const [fields] = globalThis.dash_clientside.callback_context.inputs_list;
        if (!told || window.location.pathname !== `/${told.page}`) return globalThis.dash_clientside.no_update;
        const held = Object.fromEntries(fields.map(({ id, value }) => [id.name, value]));
        const search = shelfcast.goals.searchOf(held, told.defaults);
        window.history.replaceState(window.history.state, "", `/${told.page}${search}`);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
