// The page of reports: asks again when it hears that one went on, and now and then without.
(() => {
  if (typeof document === "undefined") return;
  const TICK_MS = 250;
  const GATHER_MS = 250;
  const SHORTEST_MS = 1_000;
  // Without a socket; while something is on its way more often.
  const BUSY_MS = 5_000;
  const QUIET_MS = 20_000;
  let running = null;

  function startPage({ page, ticketUrl, document: query }) {
    const root = () => document.querySelector(`[data-page="${page}"]`);
    let askedAt = Date.now();
    let changedAt = null;

    // Whoever types, or reads an older part of the list, is not disturbed.
    function isBusy() {
      const older = document.querySelector(".turn .button:not([hidden])");
      return document.hidden || document.querySelector("dialog[open]") || older?.textContent === "Newest";
    }

    function dueAt() {
      const waiting = Number(root().querySelector("[data-waiting]")?.dataset.waiting ?? 0);
      const anyway = askedAt + (waiting ? BUSY_MS : QUIET_MS);
      if (changedAt === null) return anyway;
      return Math.min(anyway, Math.max(changedAt + GATHER_MS, askedAt + SHORTEST_MS));
    }

    function tick() {
      if (!root()) return stop();
      if (Date.now() < dueAt() || isBusy()) return;
      askedAt = Date.now();
      changedAt = null;
      globalThis.dash_clientside.set_props({ part: "reload", page }, { data: askedAt });
    }

    const connection = shelfcast.news.follow({ ticketUrl, document: query }, (what) => {
      if (what === "changed" || what === "connected") changedAt ??= Date.now();
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
    reports: {
      start(config) {
        running?.stop();
        running = startPage(config);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
