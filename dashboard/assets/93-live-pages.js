// What pages share that Dash lays out and the browser draws into: news, parts, files.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make, setAttribute, setText } = shelfcast.panels;
  const { roundAgeText } = shelfcast.formats;
  const MOST_FILE = 2_000_000;

  const setProps = (id, props) => globalThis.dash_clientside.set_props(id, props);

  // Calls `tick` with the root of a page now and again until it is gone, and `heard` with news of it.
  function run({ page, ticketUrl, document: query }, { tick, heard, tickMs = 250 }) {
    function beat() {
      const root = document.querySelector(`[data-page="${page}"]`);
      if (root) tick(root);
      else stop();
    }

    const connection = shelfcast.news.follow({ ticketUrl, document: query }, heard);
    const timer = setInterval(beat, tickMs);
    beat();

    function stop() {
      clearInterval(timer);
      connection.close();
    }

    return { stop };
  }

  // Returns what Dash calls with the configuration of a page: it ends the one before.
  function starter(partsOf) {
    let running = null;
    return (config) => {
      running?.stop();
      running = run(config, partsOf(config));
      return globalThis.dash_clientside.no_update;
    };
  }

  const reload = (page) => setProps({ part: "reload", page }, { data: Date.now() });

  // Whoever types, or reads an older part of the list, is not disturbed.
  function isBusy() {
    const older = document.querySelector(".turn .button:not([hidden])");
    return document.hidden || document.querySelector("dialog[open]") || older?.textContent === "Newest";
  }

  // When a page asks again: soon after news but not too often, and without news after
  // `longestMs(root)`.
  function asking({ page, gatherMs, shortestMs, longestMs }) {
    let askedAt = Date.now();
    let newsAt = Infinity;
    return {
      changed() {
        newsAt = Math.min(newsAt, Date.now() + gatherMs);
      },
      tick(root) {
        const dueAt = Math.min(askedAt + longestMs(root), Math.max(newsAt, askedAt + shortestMs));
        if (Date.now() < dueAt || isBusy()) return;
        askedAt = Date.now();
        newsAt = Infinity;
        reload(page);
      },
    };
  }

  // Keeps the ages on a page right by the server's clock, which its note of freshness brings;
  // `answered` is told of each new one. Older than `staleMs`, the note says so.
  function ageing(id, { staleMs = Infinity, answered = () => {} } = {}) {
    const clock = shelfcast.freshness.serverClock();
    let seen = null;
    return (root) => {
      const note = document.getElementById(id);
      const asOf = note?.dataset.asOf;
      if (asOf && asOf !== seen) {
        seen = asOf;
        clock.message(Date.parse(asOf), Date.now());
        answered(Date.parse(asOf));
      }
      const now = clock.now(Date.now());
      for (const time of root.querySelectorAll("time[data-since]"))
        setText(time, `${roundAgeText(Math.max(0, now - Date.parse(time.dataset.since)))} ago`);
      if (note) setAttribute(note, "data-stale", String(now - Date.parse(asOf) > staleMs));
    };
  }

  // Draws into each holder of a name when what it says is new.
  const drawn = new WeakMap();
  function once(root, name, draw) {
    for (const holder of root.querySelectorAll(`[data-${name}]`)) {
      const said = holder.getAttribute(`data-${name}`);
      if (!said || (drawn.get(holder) === said && holder.firstChild)) continue;
      drawn.set(holder, said);
      draw(holder, said);
    }
  }

  function selectIn(holder, { name, value, options }, choose) {
    const control = shelfcast.filters.select(name, options, choose);
    control.value = value;
    const hasFocus = holder.contains(document.activeElement);
    holder.replaceChildren(control);
    if (hasFocus) control.focus({ preventScroll: true });
  }

  // A file chosen here is the content of a field of the form, in base64; none or too large: empty.
  function fileIn(holder, page) {
    const answer = (value) => setProps({ part: "field", page, name: "content" }, { value });
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

  // Returns what the server answers for a page; throws what it says, else `sorry`.
  async function fetched(page, query, sorry) {
    const response = await fetch(`/live/${page}?${query}`, { headers: { "X-Shelfcast-Page": "1" } });
    if (response.ok) return response;
    const { message } = await response.json().catch(() => ({}));
    throw new Error(message ?? sorry);
  }

  function tell(message) {
    const line = make("p", "note note-bad", icon("alert"), make("span", "", message));
    document.querySelector("[data-page] .notes")?.replaceChildren(line);
  }

  // Returns the action of a button that saves rows of a page as a file.
  function saver(page, sorry) {
    return async ({ dataset: { what, format, query } }) => {
      try {
        const response = await fetched(page, `what=${what}&format=${format}&${query}`, sorry);
        shelfcast.save.download(await response.blob(), shelfcast.save.fileName(page, what, format));
      } catch (error) {
        tell(error.message);
      }
    };
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    pages: { ageing, asking, fetched, fileIn, once, reload, saver, selectIn, starter, tell },
  };
})();
