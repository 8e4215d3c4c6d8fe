// The panels that live on `feed`: alerts and sales.
(() => {
  const KEYS = ["alerts", "sales"];

  function feedPanels(wall) {
    const { ages, panels, config } = wall;
    const { applyItem, emptyFeed, forgetResolved, shownAlerts } = shelfcast.feed;
    const feed = emptyFeed();
    let stream = null;

    function subscribe(connection, frames) {
      // The variables are read when a subscription is sent, so a reconnect resumes at the cursor.
      const variables = {
        get after() {
          return feed.cursor;
        },
      };
      stream = connection.stream(
        { query: config.documents.feed, variables },
        {
          next({ feed: item }) {
            wall.hear(item.serverTime);
            if (!frames.item(item)) startAgain();
          },
          failed: (code) => KEYS.forEach((key) => panels.fail(key, code)),
        },
      );
    }

    function startAgain() {
      feed.cursor = null;
      feed.seen = null;
      stream.restart();
    }

    function apply(items, at) {
      const mustStartAgain = items.map((item) => applyItem(feed, item)).some(Boolean);
      if (mustStartAgain) startAgain();
      for (const key of KEYS) {
        panels.note(key, feed.gaps ? `gap: ${feed.gaps}` : "");
        ages.confirm(key, feed.asOf);
        panels.applied(key, { cursor: feed.cursor, at });
      }
      forgetResolved(feed, wall.serverNow());
      show();
    }

    function show() {
      const formats = wall.formats();
      if (!feed.isComplete || !formats) return;
      const now = wall.serverNow();
      const alerts = shownAlerts(feed, now);
      shelfcast.lists.showAlerts(document.getElementById("alerts-list"), alerts, now, formats);
      shelfcast.lists.showSales(document.getElementById("sales-list"), feed.sales, now, formats);
      panels.show("alerts", alerts.length ? "live" : "empty", "Nothing needs attention");
      panels.show("sales", feed.sales.length ? "live" : "empty", "No sales yet");
    }

    return { subscribe, apply, show, asOf: () => feed.asOf };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, feedPanels: { feedPanels } };
})();
