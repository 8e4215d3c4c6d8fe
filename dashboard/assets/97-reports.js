// The page of reports: asks again while something is on its way, more slowly while nothing is.
(() => {
  if (typeof document === "undefined") return;
  const TICK_MS = 250;
  const BUSY_MS = 2_500;
  const QUIET_MS = 20_000;
  let timer = null;

  function startPage({ page }) {
    const root = () => document.querySelector(`[data-page="${page}"]`);
    let askedAt = Date.now();

    // Whoever types, or reads an older part of the list, is not disturbed.
    function isBusy() {
      const older = document.querySelector(".turn .button:not([hidden])");
      return document.hidden || document.querySelector("dialog[open]") || older?.textContent === "Newest";
    }

    function tick() {
      if (!root()) {
        clearInterval(timer);
        return;
      }
      const waiting = Number(root().querySelector("[data-waiting]")?.dataset.waiting ?? 0);
      const pause = waiting ? BUSY_MS : QUIET_MS;
      if (Date.now() < askedAt + pause || isBusy()) return;
      askedAt = Date.now();
      globalThis.dash_clientside.set_props({ part: "reload", page }, { data: askedAt });
    }

    clearInterval(timer);
    timer = setInterval(tick, TICK_MS);
  }

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    reports: {
      start(config) {
        startPage(config);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
