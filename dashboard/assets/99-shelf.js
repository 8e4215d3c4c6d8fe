// The page of shelves: planograms drawn to scale, a table that sorts, a file to import, and news.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make, setAttribute, setText } = shelfcast.panels;
  const { formatsFor } = shelfcast.formats;
  const TICK_MS = 250;
  const LONGEST_MS = 120_000;
  const MOST_FILE = 2_000_000;

  // A link to the page shows what its sender saw.
  function setFilter(name, value) {
    globalThis.dash_clientside.set_props({ part: "filter", page: "shelf", name }, { value });
    const said = new URLSearchParams(window.location.search);
    said.set(name, value);
    window.history.replaceState(window.history.state, "", `/shelf?${said}`);
  }

  const theme = () => (document.documentElement.dataset.theme === "light" ? "light" : "dark");

  async function ask(query, more) {
    const response = await fetch(`/live/shelf?${query}&${new URLSearchParams(more)}`, {
      headers: { "X-Shelfcast-Page": "1" },
    });
    if (response.ok) return response;
    const { message } = await response.json().catch(() => ({}));
    throw new Error(message ?? "The shelf cannot be read just now. Try again.");
  }

  function tell(message) {
    const line = make("p", "note note-bad", icon("alert"), make("span", "", message));
    document.querySelector("[data-page=shelf] .notes")?.replaceChildren(line);
  }

  function selectIn(holder, { name, value, options }) {
    const control = shelfcast.filters.select(name, options, (chosen) => setFilter(name, chosen));
    control.value = value;
    holder.replaceChildren(control);
  }

  function fileIn(holder) {
    const answer = (value) =>
      globalThis.dash_clientside.set_props({ part: "field", page: "shelf", name: "content" }, { value });
    const input = make("input", "file-input");
    input.type = "file";
    input.accept = ".csv,.txt,.tsv,.xlsx";
    const label = make("label", "field", make("span", "field-label", "File"), input);
    const said = make("p", "field-hint", "At most 2 MB.");
    input.addEventListener("change", async () => {
      const [file] = input.files;
      answer("");
      if (!file) return;
      if (file.size > MOST_FILE) {
        setText(said, "This file is larger than 2 MB.");
        return;
      }
      const bytes = new Uint8Array(await file.arrayBuffer());
      let text = "";
      for (let start = 0; start < bytes.length; start += 32_768)
        text += String.fromCharCode(...bytes.subarray(start, start + 32_768));
      answer(btoa(text));
      setText(said, `${file.name}, ${Math.max(1, Math.round(file.size / 1000))} kB`);
    });
    holder.replaceChildren(label, said);
  }

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

  const drawn = new WeakMap();
  function once(root, name, show) {
    for (const holder of root.querySelectorAll(`[data-${name}]`)) {
      const said = holder.getAttribute(`data-${name}`);
      if (!said || (drawn.get(holder) === said && holder.firstChild)) continue;
      drawn.set(holder, said);
      show(holder, said);
    }
  }

  let kept = null;
  function tableFor(holder, said) {
    if (kept?.holder !== holder) kept = { holder, table: shelfcast.tables.tableIn(holder, "Products") };
    kept.table.show(JSON.parse(said), formatsFor({ currency: holder.dataset.currency, timezone: holder.dataset.timezone }));
  }

  function startPage({ page, ticketUrl, document: query }) {
    const root = () => document.querySelector(`[data-page="${page}"]`);
    const mark = shelfcast.news.watermark();
    let dueAt = Date.now() + LONGEST_MS;
    const isBusy = () => document.hidden || document.querySelector("dialog[open]");

    function again() {
      mark.asked(Date.now());
      dueAt = Date.now() + LONGEST_MS;
      globalThis.dash_clientside.set_props({ part: "reload", page }, { data: Date.now() });
      mark.answered(Date.now());
    }

    function tick() {
      if (!root()) return stop();
      once(root(), "select", (holder, said) => selectIn(holder, JSON.parse(said)));
      once(root(), "shelf-table", tableFor);
      once(root(), "shelf-file", fileIn);
      for (const holder of root().querySelectorAll("[data-planogram]")) draw(holder);
      if (Date.now() >= Math.min(mark.dueAt() ?? Infinity, dueAt) && !isBusy()) again();
    }

    const connection = shelfcast.news.follow({ ticketUrl, document: query }, (what) => {
      if (what === "changed" || what === "begun") mark.changed(Date.now());
    });
    const timer = setInterval(tick, TICK_MS);
    tick();

    function stop() {
      clearInterval(timer);
      connection.close();
    }

    return { stop };
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

  let running = null;
  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    shelf: {
      start(config) {
        running?.stop();
        running = startPage(config);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
