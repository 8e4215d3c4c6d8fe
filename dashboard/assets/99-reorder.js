// The page of orders: it follows stock and sales, keeps its filters in the address, saves files.
(() => {
  if (typeof document === "undefined") return;
  const { setAttribute, setText } = shelfcast.panels;
  const { roundAgeText } = shelfcast.formats;
  const { once, reload, saver, selectIn, starter } = shelfcast.pages;
  const TICK_MS = 1_000;
  const LEAST_MS = 15_000;
  const LONGEST_MS = 60_000;
  const STALE_MS = 150_000;
  const TABS_WITH = {
    show: ["orders"],
    lead: ["orders", "trial"],
    level: ["orders", "transfers", "trial"],
    days: ["trial"],
  };
  let picks = null;
  let offered = null;

  function partsOf({ page }) {
    const clock = shelfcast.freshness.serverClock();
    let seen = null;
    let askedAt = Date.now();
    let hasChanged = false;

    // Whoever reads a reason, writes or is asked something is not disturbed.
    const isBusy = () => document.hidden || document.querySelector("dialog[open], .why-row details[open]")
      || document.activeElement?.matches?.(".filters input");

    function paint(root) {
      const note = document.getElementById("reorder-as-of");
      const asOf = note?.dataset.asOf;
      if (asOf && asOf !== seen) {
        seen = asOf;
        clock.message(Date.parse(asOf), Date.now());
      }
      const now = clock.now(Date.now());
      if (note) setAttribute(note, "data-stale", String(now - Date.parse(asOf) > STALE_MS));
      for (const time of root.querySelectorAll("time[data-since]"))
        setText(time, `${roundAgeText(Math.max(0, now - Date.parse(time.dataset.since)))} ago`);
    }

    function choose(name, value) {
      globalThis.dash_clientside.set_props({ part: "filter", page, name }, { value });
    }

    // Every list says what can be picked; a bar that offers it already stays open, as its reader left it.
    function offer(said) {
      const holder = document.getElementById("reorder-picks");
      if (holder.firstChild && said === offered) return;
      offered = said;
      picks = shelfcast.pickers.barIn(holder, JSON.parse(said), page);
    }

    function tick(root) {
      once(root, "select", (holder, said) => {
        const told = JSON.parse(said);
        selectIn(holder, told, (value) => choose(told.name, value));
      });
      once(root, "picks", (_, said) => offer(said));
      paint(root);
      const age = Date.now() - askedAt;
      if (isBusy() || age < (hasChanged ? LEAST_MS : LONGEST_MS)) return;
      askedAt = Date.now();
      hasChanged = false;
      reload(page);
    }

    function heard(what) {
      if (what === "changed") hasChanged = true;
    }

    return { tick, heard, tickMs: TICK_MS };
  }

  shelfcast.controls.actions["save-reorder"] = saver("reorder", "This cannot be saved just now.");

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    reorder: {
      start: starter(partsOf),
      // A link to the page shows what its sender saw.
      link(_, { page, defaults }) {
        const [fields] = globalThis.dash_clientside.callback_context.inputs_list;
        const held = Object.fromEntries(fields.map(({ id, value }) => [id.name, value]));
        if (window.location.pathname === `/${page}`) {
          const search = shelfcast.goals.searchOf(held, defaults);
          window.history.replaceState(window.history.state, "", `/${page}${search}`);
          picks?.show();
        }
        for (const [name, tabs] of Object.entries(TABS_WITH)) {
          const field = fields.find(({ id }) => id.name === name);
          const element = field && document.getElementById(stringId(field.id))?.closest(".field");
          if (element) element.hidden = !tabs.includes(held.tab);
        }
        const trial = document.getElementById("reorder-trial");
        if (trial) trial.hidden = held.tab !== "trial";
        return globalThis.dash_clientside.no_update;
      },
    },
  };

  // How Dash writes an id that is an object: its names in their order.
  const stringId = (id) => JSON.stringify(Object.fromEntries(Object.entries(id).sort()));
})();
