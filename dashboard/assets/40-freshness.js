// How old each panel's data are by the server's clock, and what the badge may therefore claim.
(() => {
  const KEPT_SAMPLES = 8;

  // Estimates (server clock − local clock) from round trips; the shortest trip errs least.
  function serverClock() {
    let samples = [];
    let offset = 0;

    function roundTrip(serverMs, sentAt, receivedAt) {
      const trip = receivedAt - sentAt;
      samples = [{ trip, offset: serverMs - (sentAt + receivedAt) / 2 }, ...samples];
      samples.length = Math.min(samples.length, KEPT_SAMPLES);
      offset = samples.reduce((best, one) => (one.trip < best.trip ? one : best)).offset;
    }

    // A message cannot be received before it was sent: its time bounds the offset from below.
    function message(serverMs, receivedAt) {
      const least = serverMs - receivedAt;
      if (least > offset) {
        offset = least;
        samples = [];
      }
    }

    return {
      roundTrip,
      message,
      forget: () => {
        samples = [];
      },
      now: (localMs) => localMs + offset,
      offset: () => offset,
    };
  }

  function ages(staleAfterMs) {
    const asOf = new Map();
    return {
      confirm(panel, serverMs) {
        if (Number.isFinite(serverMs) && serverMs > (asOf.get(panel) ?? -Infinity))
          asOf.set(panel, serverMs);
      },
      asOf: (panel) => asOf.get(panel) ?? null,
      age: (panel, serverNow) =>
        asOf.has(panel) ? Math.max(0, serverNow - asOf.get(panel)) : null,
      isStale(panel, serverNow) {
        return asOf.has(panel) && serverNow - asOf.get(panel) > staleAfterMs[panel];
      },
      stale(serverNow) {
        return Object.keys(staleAfterMs).filter((panel) => this.isStale(panel, serverNow));
      },
      isKnown: (panel) => asOf.has(panel),
    };
  }

  // LIVE is claimed only when the socket is open and no panel is older than its limit.
  function badgeState({ isConnected, hasConnected, stalePanels, failedPanels, missingPanels }) {
    if (!isConnected) return hasConnected ? "reconnecting" : "connecting";
    if (stalePanels > 0 || failedPanels > 0) return "stale";
    return missingPanels > 0 ? "connecting" : "live";
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    freshness: { ages, badgeState, serverClock },
  };
})();
