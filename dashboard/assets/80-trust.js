// How far the page can be trusted: the state of the socket, the badge, and the note about faults.
(() => {
  const { ageText } = shelfcast.formats;
  const { setAttribute, setText } = shelfcast.panels;
  // A connection away for longer is shown as away; one left for a new token has more time.
  const GRACE_MS = 750;
  const RENEWAL_MS = 3_000;
  // An open socket on which nothing at all is heard for so long is given up for a new one.
  const SILENCE_MS = 20_000;

  const FAULTS = {
    CREDENTIALS_REFUSED: "The backend refuses this dashboard: check its client and secret.",
    NO_TICKET: "The backend cannot be reached, trying again.",
  };
  const LOST = "The connection is lost, trying again.";
  const BADGE = {
    connecting: "Connecting",
    live: "Live",
    stale: "Stale",
    reconnecting: "Reconnecting",
  };

  function trust({ ages, panels, panelKeys }) {
    let isConnected = false;
    let hasConnected = false;
    let lostAt = null;
    let graceMs = GRACE_MS;
    let lastHeardAt = Date.now();
    let fault = null;

    function told(what, detail) {
      if (what === "fault") fault = detail;
      if (what === "renewing") graceMs = RENEWAL_MS;
      if (what === "closed") {
        if (isConnected) lostAt = Date.now();
        isConnected = false;
      }
      if (what === "connected") {
        fault = null;
        lostAt = null;
        graceMs = GRACE_MS;
        isConnected = true;
        hasConnected = true;
        lastHeardAt = Date.now();
      }
    }

    function state(stalePanels) {
      const isWithinGrace = lostAt !== null && Date.now() - lostAt < graceMs;
      return shelfcast.freshness.badgeState({
        isConnected: (isConnected || isWithinGrace) && navigator.onLine !== false,
        hasConnected,
        stalePanels,
        failedPanels: panels.failed(),
        missingPanels: panelKeys.filter((key) => !ages.isKnown(key)).length,
      });
    }

    function paint(now, formats) {
      const stale = ages.stale(now);
      const shown = state(stale.length);
      const badge = document.getElementById("live-badge");
      setAttribute(badge, "data-state", shown);
      setText(document.getElementById("live-text"), BADGE[shown]);
      const oldest = Math.max(0, ...stale.map((key) => ages.age(key, now)));
      setAttribute(badge, "title", stale.length ? `Oldest figures: ${ageText(oldest)}` : "");
      paintFault(shown, formats);
    }

    function paintFault(shown, formats) {
      const note = document.getElementById("fault-note");
      const isAway = shown === "reconnecting" || shown === "connecting";
      note.hidden = !(isAway && (fault || lostAt !== null));
      if (note.hidden) return;
      const asOf = ages.asOf("revenue");
      const since = asOf && formats ? ` Figures of ${formats.second(asOf)}.` : "";
      setText(note, `${FAULTS[fault] ?? LOST}${since}`);
    }

    function isSilent() {
      if (!isConnected || Date.now() - lastHeardAt < SILENCE_MS) return false;
      lastHeardAt = Date.now();
      return true;
    }

    return {
      told,
      paint,
      isSilent,
      isConnected: () => isConnected,
      hear: () => {
        lastHeardAt = Date.now();
      },
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, trust: { trust } };
})();
