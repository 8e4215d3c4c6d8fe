// Lists of records: pressing a heading sorts what is shown, pressing it thrice undoes that, and what
// their reader did with them outlasts the next list.
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

  function sortBy(table, sort) {
    if (!SORTED.has(table)) follow(table);
    SORTED.set(table, sort);
    draw(table);
  }

  shelfcast.controls.actions["sort-records"] = (button) => {
    const table = button.closest("table");
    const { cellIndex } = button.closest("th");
    const sort = shelfcast.tables.nextSort(SORTED.get(table), cellIndex, "text");
    sortBy(table, sort);
    readingOf(table)?.sorts.set(table.getAttribute("aria-label"), sort);
  };

  // Each list that comes is made of new elements: by their names is known what was sorted, what was
  // opened, and where the focus was.
  const READING = new WeakMap();

  function readingOf(element) {
    const list = element.closest?.(".record-list");
    if (list && !READING.has(list)) READING.set(list, { sorts: new Map(), opened: new Set(), at: null });
    return READING.get(list);
  }

  function nameOf(element) {
    if (element.dataset.ask) return `${element.dataset.ask} ${element.dataset.key}`;
    if (element.matches("summary")) return element.parentElement.dataset.fold;
    const head = element.matches("[data-action=sort-records]") && element.closest("th");
    return head ? `${head.closest("table").getAttribute("aria-label")} ${head.cellIndex}` : undefined;
  }

  function bringOver(list) {
    const { sorts, opened, at } = READING.get(list);
    for (const fold of list.querySelectorAll("details[data-fold]")) fold.open = opened.has(fold.dataset.fold);
    for (const table of list.querySelectorAll("table.records")) {
      const sort = sorts.get(table.getAttribute("aria-label"));
      if (sort) sortBy(table, sort);
    }
    if (!at || at.isConnected || document.activeElement !== document.body) return;
    const again = [...list.querySelectorAll("button, summary")].find((one) => nameOf(one) === nameOf(at));
    again?.focus({ preventScroll: true });
  }

  document.addEventListener("toggle", ({ target }) => {
    const { fold } = target.dataset ?? {};
    if (fold) readingOf(target)?.opened[target.open ? "add" : "delete"](fold);
  }, true);

  document.addEventListener("focusin", ({ target }) => {
    const reading = readingOf(target);
    if (reading) reading.at = nameOf(target) ? target : null;
  });

  // What was left is not gone back to; what was taken away is.
  document.addEventListener("focusout", ({ target }) => {
    const reading = readingOf(target);
    setTimeout(() => {
      if (reading?.at === target && target.isConnected) reading.at = null;
    });
  });

  new MutationObserver((changes) => {
    for (const list of new Set(changes.map(({ target }) => target))) if (READING.has(list)) bringOver(list);
  }).observe(document.documentElement, { subtree: true, childList: true });

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
