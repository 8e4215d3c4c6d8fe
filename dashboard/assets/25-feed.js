// The alerts and sales that the feed tells of, and the cursor from which it resumes.
(() => {
  const KEPT_SALES = 60;
  const KEPT_RESOLVED_MS = 5 * 60_000;

  function emptyFeed() {
    return {
      cursor: null,
      alerts: new Map(),
      sales: [],
      gaps: 0,
      asOf: null,
      isComplete: false,
      seen: null,
    };
  }

  function keepAlert(feed, alert) {
    const known = feed.alerts.get(alert.id);
    if (!known || Number(alert.version) >= Number(known.version)) feed.alerts.set(alert.id, alert);
  }

  // What is imported, or waited in a till without a line, was sold when it was sold, not just now;
  // a till whose clock is fast sells nothing in the future.
  const soldAt = (sale) => (Date.parse(sale.soldAt) < Date.parse(sale.recordedAt) ? sale.soldAt : sale.recordedAt);

  // After an exact resume nothing comes twice; after a new snapshot a sale may, so ids decide.
  function keepSale(feed, sale) {
    if (feed.sales.some(({ id }) => id === sale.id)) return;
    feed.sales.push(sale);
    feed.sales.sort((one, other) => Date.parse(soldAt(other)) - Date.parse(soldAt(one)));
    feed.sales.length = Math.min(feed.sales.length, KEPT_SALES);
  }

  function onSnapshot(feed, { alerts, sales, complete, asOf }) {
    feed.seen ??= new Set();
    for (const alert of alerts) {
      feed.seen.add(alert.id);
      keepAlert(feed, alert);
    }
    for (const sale of sales) keepSale(feed, sale);
    if (!complete) return;
    // What the whole snapshot does not name has been resolved while nobody was listening.
    for (const id of feed.alerts.keys()) if (!feed.seen.has(id)) feed.alerts.delete(id);
    feed.seen = null;
    feed.isComplete = true;
    feed.asOf = Date.parse(asOf);
  }

  function onEvent(feed, { payload, recordedAt }) {
    if (payload.alert) keepAlert(feed, payload.alert);
    if (payload.sale) keepSale(feed, payload.sale);
    feed.asOf = Math.max(feed.asOf ?? 0, Date.parse(recordedAt));
  }

  // Applies one item of the feed; returns true when the feed has to start from a new snapshot.
  function applyItem(feed, item) {
    if (item.__typename === "FeedGap") {
      feed.gaps += 1;
      feed.cursor = null;
      feed.seen = null;
      return true;
    }
    if (item.__typename === "FeedSnapshot") onSnapshot(feed, item);
    if (item.__typename === "FeedEvent") onEvent(feed, item);
    if (item.__typename === "FeedHeartbeat") feed.asOf = Date.parse(item.serverTime);
    feed.cursor = item.cursor;
    return false;
  }

  const RANK = { CRITICAL: 0, WARNING: 1, INFO: 2 };

  // Open ones first, the worst and newest at the top; resolved ones stay in sight for a while.
  function shownAlerts(feed, now) {
    const isShown = (alert) =>
      alert.state !== "RESOLVED" || now - Date.parse(alert.updatedAt) < KEPT_RESOLVED_MS;
    const order = (alert) => (alert.state === "RESOLVED" ? 3 : (RANK[alert.severity] ?? 1));
    return [...feed.alerts.values()]
      .filter(isShown)
      .sort(
        (one, other) =>
          order(one) - order(other) || Date.parse(other.updatedAt) - Date.parse(one.updatedAt),
      );
  }

  // Resolved alerts would otherwise gather for as long as the page is open.
  function forgetResolved(feed, now) {
    for (const [id, alert] of feed.alerts) {
      const isOld = now - Date.parse(alert.updatedAt) >= KEPT_RESOLVED_MS;
      if (alert.state === "RESOLVED" && isOld) feed.alerts.delete(id);
    }
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    feed: { KEPT_SALES, applyItem, emptyFeed, forgetResolved, shownAlerts, soldAt },
  };
})();
