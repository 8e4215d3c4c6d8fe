// The page of shelves: planograms drawn to scale, a table that sorts, a file to import, and news.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make, setAttribute } = shelfcast.panels;
  const { formatsFor } = shelfcast.formats;
  const { fetched, fileIn, once, reload, selectIn, starter, tell } = shelfcast.pages;
  const LONGEST_MS = 120_000;

  // A link to the page shows what its sender saw.
  function setFilter(name, value) {
    globalThis.dash_clientside.set_props({ part: "filter", page: "shelf", name }, { value });
    const said = new URLSearchParams(window.location.search);
    said.set(name, value);
    window.history.replaceState(window.history.state, "", `/shelf?${said}`);
  }

  const theme = () => (document.documentElement.dataset.theme === "light" ? "light" : "dark");

  const ask = (query, more) =>
    fetched("shelf", `${query}&${new URLSearchParams(more)}`, "The shelf cannot be read just now. Try again.");

  const moments = () => document.querySelectorAll("[data-page=shelf] [data-action=planogram-moment]");
  const moment = () => [...moments()].find((one) => one.getAttribute("aria-pressed") === "true")?.dataset.moment ?? "PLANNED";

  // Draws the planogram anew when the plan, the moment or the theme is another one.
  const shown = new WeakMap();
  async function draw(holder) {
    const { planogram, version } = holder.dataset;
    const wanted = [planogram, version, moment(), theme()].join(" ");
    if (shown.get(holder) === wanted) return;
    shown.set(holder, wanted);
    holder.setAttribute("aria-busy", "true");
    try {
      const response = await ask(planogram, { format: "svg", theme: theme(), moment: moment() });
      const text = await response.text();
      if (shown.get(holder) !== wanted) return;
      const { documentElement } = new DOMParser().parseFromString(text, "image/svg+xml");
      holder.replaceChildren(document.importNode(documentElement, true));
    } catch (error) {
      holder.replaceChildren(make("p", "note note-bad", icon("alert"), make("span", "", error.message)));
    }
    holder.removeAttribute("aria-busy");
  }

  let kept = null;
  function tableFor(holder, said) {
    if (kept?.holder !== holder) kept = { holder, table: shelfcast.tables.tableIn(holder, "Products") };
    kept.table.show(JSON.parse(said), formatsFor({ currency: holder.dataset.currency, timezone: holder.dataset.timezone }));
  }

  function partsOf({ page }) {
    const mark = shelfcast.news.watermark();
    let dueAt = Date.now() + LONGEST_MS;
    const isBusy = () => document.hidden || document.querySelector("dialog[open]");

    function again() {
      mark.asked(Date.now());
      dueAt = Date.now() + LONGEST_MS;
      reload(page);
      mark.answered(Date.now());
    }

    function tick(root) {
      once(root, "select", (holder, said) => {
        const told = JSON.parse(said);
        selectIn(holder, told, (chosen) => setFilter(told.name, chosen));
      });
      once(root, "shelf-table", tableFor);
      once(root, "shelf-file", (holder) => fileIn(holder, page));
      for (const holder of root.querySelectorAll("[data-planogram]")) draw(holder);
      if (Date.now() >= Math.min(mark.dueAt() ?? Infinity, dueAt) && !isBusy()) again();
    }

    function heard(what) {
      if (what === "changed" || what === "begun") mark.changed(Date.now());
    }

    return { tick, heard };
  }

  async function save(button) {
    const { format, query } = button.dataset;
    const isPicture = format === "svg" || format === "png";
    try {
      const response = await ask(query, {
        format: isPicture ? "svg" : format, theme: theme(), moment: moment(),
      });
      let blob = await response.blob();
      if (format === "png") {
        const text = await blob.text();
        const { documentElement } = new DOMParser().parseFromString(text, "image/svg+xml");
        const size = { width: Number(documentElement.getAttribute("width")), height: Number(documentElement.getAttribute("height")) };
        blob = await shelfcast.save.pngOf(text, size);
      }
      shelfcast.save.download(blob, shelfcast.save.fileName("shelf", isPicture ? "planogram" : "products", format));
    } catch (error) {
      tell(error.message);
    }
  }

  Object.assign(shelfcast.controls.actions, {
    "save-shelf": save,
    "planogram-moment": (button) => {
      for (const one of moments()) setAttribute(one, "aria-pressed", String(one === button));
    },
  });

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    shelf: { start: starter(partsOf) },
  };
})();
