// Hears of new sales and asks again for what is on screen, but never so often that it is a burden.
(() => {
  const SHORTEST_MS = 4_000;
  // A page that takes long to answer is asked the less often: it uses a tenth of the time at most. But
  // what was on the way while a laptop slept took hours, and nobody waits for days.
  const REST_TIMES = 9;
  const LONGEST_REST_MS = 30_000;
  const GATHER_MS = 250;
  const STALE_MS = 20_000;

  // When to ask next, given when the last answer came and how long it took.
  function nextAskAt({ changedAt, answeredAt, tookMs }) {
    const rested = answeredAt + Math.max(SHORTEST_MS, Math.min(REST_TIMES * tookMs, LONGEST_REST_MS));
    return Math.max(changedAt + GATHER_MS, rested);
  }

  // What the figures on screen stand for: the answer's moment, moved on by each sign that nothing
  // was sold since.
  function watermark() {
    let asOf = null;
    let changedAt = null;
    let asked = null;
    let answeredAt = 0;
    let tookMs = 0;

    return {
      asked(at) {
        asked = { at, changedAt };
      },
      answered(at, serverMs) {
        tookMs = asked ? at - asked.at : 0;
        answeredAt = at;
        if (Number.isFinite(serverMs)) asOf = Math.max(asOf ?? 0, serverMs);
        // What was sold after the ask may or may not be in the answer: it is asked for again.
        if (asked && changedAt === asked.changedAt) changedAt = null;
        asked = null;
      },
      changed(at) {
        changedAt = changedAt === null || asked?.changedAt === changedAt ? at : changedAt;
      },
      confirmed(serverMs) {
        if (changedAt === null && !asked && asOf !== null) asOf = Math.max(asOf, serverMs);
      },
      dueAt(now) {
        if (changedAt === null || asked) return null;
        // A clock that was set back would let the page wait until it has caught up.
        answeredAt = Math.min(answeredAt, now);
        changedAt = Math.min(changedAt, now);
        return nextAskAt({ changedAt, answeredAt, tookMs });
      },
      asOf: () => asOf,
      isStale: (serverNow) => asOf !== null && serverNow - asOf > STALE_MS,
    };
  }

  // Follows the sales; `heard` is called with "connected", "begun", "closed", "changed" and
  // ("beat", time); "changed" comes with the kind of event where the document asks for it. From "begun" on each sale is told; one between the answer on screen and then is not.
  function follow({ ticketUrl, document: query }, heard) {
    let hasBegun = false;
    const connection = shelfcast.connection.connect({
      ticketUrl,
      heard(what, detail) {
        if (what === "connected") hasBegun = false;
        if (what === "signedOut") shelfcast.session.signIn();
        else heard(what, detail);
      },
    });
    connection.stream(
      { query },
      {
        next({ feed }) {
          if (!hasBegun) heard("begun");
          hasBegun = true;
          if (feed.__typename === "FeedHeartbeat") heard("beat", Date.parse(feed.serverTime));
          else heard("changed", feed.recordedAt ? Date.parse(feed.recordedAt) : undefined, feed.kind);
        },
        failed: (code) => heard("fault", code),
      },
    );
    return connection;
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, news: { follow, nextAskAt, watermark } };
})();
