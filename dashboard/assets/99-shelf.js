// The page of shelves: planograms drawn to scale, a table that sorts, a file to import, and news.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make } = shelfcast.panels;
  const { formatsFor } = shelfcast.formats;
  const { fetched, fileIn, once, reload, selectIn, starter, tell } = shelfcast.pages;
  const LONGEST_MS = 120_000;
  const NARROWEST = 320;
  const WIDEST = 1_500;

  // A link to the page shows what its sender saw.
  function setFilter(name, value) {
    if (name === "method") chosen.delete("after");
    globalThis.dash_clientside.set_props({ part: "filter", page: "shelf", name }, { value });
    const said = new URLSearchParams(window.location.search);
    said.set(name, value);
    window.history.replaceState(window.history.state, "", `/shelf?${said}`);
  }

  const theme = () => (document.documentElement.dataset.theme === "light" ? "light" : "dark");

  const ask = (query, more) =>
    fetched("shelf", `${query}&${new URLSearchParams(more)}`, "The shelf cannot be read just now. Try again.");

  // Which plan each pane shows; the one after follows the choice above the page until it is chosen itself.
  const chosen = new Map();

  const wayOf = (holder) => {
    const isBefore = holder.closest(".planogram-pane").matches(".is-before");
    return chosen.get(isBefore ? "before" : "after") ?? (isBefore ? "NOW" : new URLSearchParams(holder.dataset.planogram).get("method"));
  };

  // What stands there now is the same whatever is planned: the quickest plan is asked for it.
  const asked = (holder) => {
    const way = wayOf(holder);
    const shelf = new URLSearchParams(holder.dataset.planogram).get("shelf");
    const [method, moment] = way === "NOW" ? ["GREEDY", "NOW"] : [way, "PLANNED"];
    return { query: new URLSearchParams({ shelf, method }).toString(), moment };
  };

  const widthOf = ({ clientWidth }) => Math.min(Math.max(Math.floor(clientWidth / 40) * 40, NARROWEST), WIDEST);

  function paneIn(holder, { name, value, options }) {
    selectIn(holder, { name: `pane-${name}`, value: chosen.get(name) ?? value, options }, (way) => chosen.set(name, way));
  }

  // Draws the planogram anew when the plan, the way, the theme or the room is another one.
  const shown = new WeakMap();
  async function draw(holder) {
    if (!holder.clientWidth) return;
    const { query, moment } = asked(holder);
    const width = widthOf(holder);
    const wanted = [query, holder.dataset.version, moment, theme(), width].join(" ");
    if (shown.get(holder) === wanted) return;
    shown.set(holder, wanted);
    holder.setAttribute("aria-busy", "true");
    try {
      const response = await ask(query, { format: "svg", theme: theme(), moment, width });
      const text = await response.text();
      if (shown.get(holder) !== wanted) return;
      const { documentElement } = new DOMParser().parseFromString(text, "image/svg+xml");
      holder.replaceChildren(document.importNode(documentElement, true));
    } catch (error) {
      if (shown.get(holder) !== wanted) return;
      holder.replaceChildren(make("p", "note note-bad", icon("alert"), make("span", "", error.message)));
    }
    holder.removeAttribute("aria-busy");
  }

  let kept = null;
  function tableFor(holder, said) {
    if (kept?.holder !== holder) kept = { holder, table: shelfcast.tables.tableIn(holder, "Products", kept?.table) };
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
      once(root, "pane", (holder, said) => paneIn(holder, JSON.parse(said)));
      once(root, "shelf-editor", (holder, said) => shelfcast.shelfEditor.editorIn(holder, JSON.parse(said), (draft) =>
        globalThis.dash_clientside.set_props({ part: "field", page, name: "draft" }, { value: draft })));
      once(root, "shelf-file", (holder) => fileIn(holder, page));
      for (const holder of root.querySelectorAll("[data-planogram]")) draw(holder);
      if (Date.now() >= Math.min(mark.dueAt(Date.now()) ?? Infinity, dueAt) && !isBusy()) again();
    }

    function heard(what) {
      if (what === "changed" || what === "begun") mark.changed(Date.now());
    }

    return { tick, heard };
  }

  async function save(button) {
    const { format, query } = button.dataset;
    const isPicture = format === "svg" || format === "png";
    const after = document.querySelector(".planogram-pane.is-after .planogram");
    try {
      const response = isPicture
        ? await ask(asked(after).query, { format: "svg", theme: theme(), moment: asked(after).moment })
        : await ask(query, { format });
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

  shelfcast.controls.actions["save-shelf"] = save;

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    shelf: { start: starter(partsOf) },
  };
})();
