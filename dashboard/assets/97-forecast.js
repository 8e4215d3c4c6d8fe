// The page of forecasts: its models are asked for again when a run goes on, and a form says what if.
(() => {
  if (typeof document === "undefined") return;
  const { make, setText } = shelfcast.panels;
  const PAGE = "forecast";
  const GATHER_MS = 250;
  const SHORTEST_MS = 1_500;
  const BUSY_MS = 1_000;
  let askedAt = 0;
  let timer = null;

  const root = () => document.querySelector(`[data-page="${PAGE}"]`);

  // Whoever answers a dialog, or reads older versions, is not disturbed.
  function isBusy() {
    const turned = [...root().querySelectorAll(".turn .button:not([hidden])")];
    return document.hidden || document.querySelector("dialog[open]") || turned.some(({ textContent }) => textContent === "Newest");
  }

  function ask() {
    timer = null;
    if (!root()) return;
    if (isBusy()) return plan(BUSY_MS);
    askedAt = Date.now();
    globalThis.dash_clientside.set_props({ part: "reload", page: PAGE }, { data: askedAt });
  }

  function plan(ms) {
    timer ??= setTimeout(ask, ms);
  }

  // A sale says nothing of models; what has no kind may be anything.
  document.addEventListener("shelfcast:news", ({ detail: kind }) => {
    if (root() && (!kind || kind.startsWith("Forecast")))
      plan(Math.max(GATHER_MS, askedAt + SHORTEST_MS - Date.now()));
  });

  function field(label, type, name, value, more = {}) {
    const input = make("input", "view-select");
    Object.assign(input, { type, name, value: value ?? "", ...more });
    return { input, labelled: shelfcast.filters.labelled(label, input) };
  }

  // What is asked for lies in the address, so that it can be shared; an empty form takes it away.
  function form({ plan: said, first, last }, { go }) {
    const holder = document.getElementById("forecast-plans");
    if (!holder || holder.contains(document.activeElement)) return;
    // What is written stays until the address says something else.
    const shown = JSON.stringify([said, first, last]);
    if (holder.firstChild && holder.dataset.shown === shown) return;
    holder.dataset.shown = shown;
    const range = { min: first, max: last };
    const fields = [
      field("From", "date", "planFrom", said.planFrom, range),
      field("to", "date", "planTo", said.planTo, range),
      field("Promotion, % off", "number", "promotion", said.promotion, { min: 0, max: 99, step: 1 }),
      field("Price", "number", "price", said.price, { min: 0.01, step: 0.01 }),
    ];
    const closed = make("input");
    Object.assign(closed, { type: "checkbox", name: "closed", checked: said.closed });
    const show = make("button", "button primary", "Show what if");
    show.type = "submit";
    const clear = make("button", "button quiet", "As planned");
    clear.type = "button";
    const note = make("p", "field-hint");
    note.setAttribute("role", "status");
    setText(note, "Without days: all that are forecast.");
    const element = make("form", "what-if",
      make("div", "view-fields", ...fields.map(({ labelled }) => labelled)),
      make("label", "filter-box", closed, make("span", "", "Closed on these days")),
      make("div", "head-buttons", show, clear), note);
    const tell = (values) => {
      document.activeElement?.blur();
      go(shelfcast.view.withPart(window.location.search, new URLSearchParams(values)));
    };
    element.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = Object.fromEntries(fields.map(({ input }) => [input.name, input.value]));
      given.closed = closed.checked ? "1" : "";
      if (!given.promotion && !given.price && !given.closed) return setText(note, "Say what would be otherwise.");
      tell(given);
    });
    clear.addEventListener("click", () =>
      tell({ planFrom: "", planTo: "", promotion: "", price: "", closed: "" }));
    holder.replaceChildren(element);
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    owners: { ...globalThis.shelfcast.owners, plans: { show: form } },
  };
})();
