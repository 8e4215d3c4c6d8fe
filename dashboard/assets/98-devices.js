// The page of devices: asks again when an agent changed, keeps ages right, says when it is stale.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make } = shelfcast.panels;
  const { ageing, asking, once, starter } = shelfcast.pages;
  const TIMES = { gatherMs: 600, shortestMs: 3_000, longestMs: () => 20_000 };
  const STALE_MS = 50_000;

  function cellElement({ text, note, kind, symbol }, label) {
    const words = make("span", "", text);
    const inside = make("div", "two-lines");
    inside.append(kind ? make("span", `mark sign mark-${kind}`, icon(symbol), words) : words);
    if (note) inside.append(make("span", "cell-note", note));
    const cell = make("td", "", inside);
    cell.dataset.label = label;
    return cell;
  }

  function tableElement({ name, columns, rows }) {
    const heads = columns.map((column) => {
      const head = make("th", "", column);
      head.scope = "col";
      return head;
    });
    const lines = rows.map((row) =>
      make("tr", "", ...row.map((cell, place) => cellElement(cell, columns[place]))));
    const body = make("tbody", "", ...lines);
    const table = make("table", "records", make("thead", "", make("tr", "", ...heads)), body);
    table.setAttribute("aria-label", name);
    return table;
  }

  // Dash gives the data, the tables are drawn here: see `grid` in figures/agents.py.
  function partsOf({ page }) {
    const { changed, tick: ask } = asking({ page, ...TIMES });
    const paint = ageing("devices-as-of", { staleMs: STALE_MS });
    return {
      tick(root) {
        once(root, "table", (holder, said) => holder.replaceChildren(tableElement(JSON.parse(said))));
        paint(root);
        ask(root);
      },
      heard(what) {
        if (what === "changed" || what === "begun") changed();
      },
    };
  }

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    devices: { start: starter(partsOf) },
  };
})();
