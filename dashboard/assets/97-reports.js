// The page of reports: asks again when it hears that one went on, and now and then without.
(() => {
  if (typeof document === "undefined") return;
  const { asking, starter } = shelfcast.pages;
  // Without a socket; while something is on its way more often.
  const BUSY_MS = 5_000;
  const QUIET_MS = 20_000;
  const TIMES = {
    gatherMs: 250,
    shortestMs: 1_000,
    longestMs: (root) =>
      Number(root.querySelector("[data-waiting]")?.dataset.waiting ?? 0) ? BUSY_MS : QUIET_MS,
  };

  function partsOf({ page }) {
    const { changed, tick } = asking({ page, ...TIMES });
    return {
      tick,
      heard(what) {
        if (what === "changed" || what === "connected") changed();
      },
    };
  }

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    reports: { start: starter(partsOf) },
  };
})();
