// The page of devices: asks again when an agent changed, keeps ages right, says when it is stale.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make, setAttribute, setText } = shelfcast.panels;
  const { roundAgeText } = shelfcast.formats;
  const TICK_MS = 250;
  const GATHER_MS = 600;
  const SHORTEST_MS = 3_000;
  const LONGEST_MS = 20_000;
  const STALE_MS = 50_000;

  let running = null;

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

  // Dash gives the data, the table is drawn here: see `grid` in figures/agents.py.
  const drawn = new WeakMap();
  function drawTables(root) {
    for (const place of root.querySelectorAll("[data-table]")) {
      const { table } = place.dataset;
      if (drawn.get(place) === table && place.firstChild) continue;
      drawn.set(place, table);
      place.replaceChildren(tableElement(JSON.parse(table)));
    }
  }

  function startPage({ page, ticketUrl, document: query }) {
    const root = () => document.querySelector(`[data-page="${page}"]`);
    const clock = shelfcast.freshness.serverClock();
    let askedAt = Date.now();
    let dueAt = askedAt + LONGEST_MS;
    let seen = null;

    function changed() {
      dueAt = Math.min(dueAt, Math.max(Date.now() + GATHER_MS, askedAt + SHORTEST_MS));
    }

    // Whoever types, or reads an older part of the list, is not disturbed.
    function isBusy() {
      const older = document.querySelector(".turn .button:not([hidden])");
      return document.hidden || document.querySelector("dialog[open]") || older?.textContent === "Newest";
    }

    function ask() {
      askedAt = Date.now();
      dueAt = askedAt + LONGEST_MS;
      globalThis.dash_clientside.set_props({ part: "reload", page }, { data: askedAt });
    }

    function paint() {
      const note = document.getElementById("devices-as-of");
      const asOf = note?.dataset.asOf;
      if (asOf && asOf !== seen) {
        seen = asOf;
        clock.message(Date.parse(asOf), Date.now());
      }
      const now = clock.now(Date.now());
      for (const time of root().querySelectorAll("time[data-since]"))
        setText(time, `${roundAgeText(Math.max(0, now - Date.parse(time.dataset.since)))} ago`);
      if (note) setAttribute(note, "data-stale", String(now - Date.parse(asOf) > STALE_MS));
    }

    function tick() {
      if (!root()) return stop();
      drawTables(root());
      paint();
      if (Date.now() >= dueAt && !isBusy()) ask();
    }

    const connection = shelfcast.news.follow({ ticketUrl, document: query }, (what) => {
      if (what === "changed" || what === "begun") changed();
    });
    const timer = setInterval(tick, TICK_MS);

    function stop() {
      clearInterval(timer);
      connection.close();
    }

    return { stop };
  }

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    devices: {
      start(config) {
        running?.stop();
        running = startPage(config);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
