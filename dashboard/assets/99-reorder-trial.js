// The trial of reorder points on the past: it runs when its button is pressed, and only then.
(() => {
  if (typeof document === "undefined") return;
  const { setAttribute, setText } = shelfcast.panels;
  const TICK_MS = 1_000;
  const ANSWER_WITHIN_MS = 130_000;
  const NOT_ASKED = ["tab", "show"];
  const SORRY = "This trial cannot be saved just now. Try it again.";
  let asks = 0;
  let running = null;

  // What the address says of a trial; which list is shown beside it is no matter.
  function asked() {
    const said = new URLSearchParams(window.location.search);
    for (const name of NOT_ASKED) said.delete(name);
    return said;
  }

  function start({ page, invitation }) {
    const root = document.getElementById("reorder-trial");
    const button = root.querySelector("[data-action=try-reorder]");
    const status = document.getElementById("reorder-trial-status");
    let trial = null;
    let waiting = null;
    let shownOf = null;

    const rows = async (_, panel, format) => {
      const query = new URLSearchParams({ what: panel, format, query: trial ?? "" });
      return (await shelfcast.pages.fetched(page, query, SORRY)).blob();
    };
    const panels = new Map([...root.querySelectorAll("[data-panel]")].map((element) => [
      element.dataset.panel,
      shelfcast.analysisPanels.panelOf(element, page, () => {}, rows),
    ]));
    const panelAt = (element) => panels.get(element.closest("[data-panel]").dataset.panel);
    const showAll = (data) => {
      for (const panel of panels.values()) panel.show(data, null, "");
    };

    function press() {
      if (waiting) return;
      const chosen = asked();
      waiting = { seq: ++asks, at: Date.now(), of: chosen.toString() };
      showAll({ state: "loading" });
      globalThis.dash_clientside.set_props("reorder-trial-asked", {
        data: { seq: waiting.seq, chosen: Object.fromEntries(chosen) },
      });
      paint();
    }

    function show(answer) {
      if (!waiting || answer.seq !== waiting.seq) return;
      shownOf = waiting.of;
      waiting = null;
      trial = answer.trial ?? null;
      if (answer.error) showAll({ state: "error", text: answer.error });
      else {
        const formats = shelfcast.formats.formatsFor({ currency: answer.currency, timezone: "UTC" });
        for (const [key, data] of Object.entries(answer.panels)) panels.get(key)?.show(data, formats, trial);
      }
      paint();
    }

    function words() {
      if (waiting) {
        const seconds = Math.floor((Date.now() - waiting.at) / 1000);
        return `Trying: ${seconds} s. A model learns from the days before; that may take a minute.`;
      }
      if (shownOf === null || shownOf === asked().toString()) return "";
      return "The choices have changed since: press again to try them.";
    }

    function paint() {
      button.disabled = Boolean(waiting);
      setAttribute(root, "aria-busy", String(Boolean(waiting)));
      setText(status, words());
    }

    function tick() {
      if (!root.isConnected) return stop();
      if (waiting && Date.now() - waiting.at > ANSWER_WITHIN_MS)
        show({ seq: waiting.seq, error: "No answer came in time: fewer days or products may." });
      return paint();
    }

    const restyle = () => {
      for (const panel of panels.values()) panel.redraw();
    };
    document.addEventListener("shelfcast:theme", restyle);
    const timer = setInterval(tick, TICK_MS);

    function stop() {
      clearInterval(timer);
      document.removeEventListener("shelfcast:theme", restyle);
    }

    Object.assign(shelfcast.controls.actions, {
      "try-reorder": press,
      "panel-view": (pressed) => panelAt(pressed).view(pressed.dataset.view),
      save: (pressed) => panelAt(pressed).save(pressed.dataset.format),
    });
    showAll({ state: "empty", text: invitation });
    return { show, stop };
  }

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    reorderTrial: {
      start(config) {
        running?.stop();
        running = start(config);
        return globalThis.dash_clientside.no_update;
      },
      show(answer) {
        if (answer) running?.show(answer);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
