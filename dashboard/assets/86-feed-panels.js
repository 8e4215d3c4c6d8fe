// The panels that live on `feed`: alerts, sales and tags.
(() => {
  const KEYS = ["alerts", "sales", "tags"];

  function feedPanels(wall) {
    const { ages, panels, config } = wall;
    const { lastSuspects, loadMinutes, showTags, takeMinute, trafficFigures } = shelfcast.tags;
    const { applyItem, emptyFeed, forgetResolved, shownAlerts } = shelfcast.feed;
    const feed = emptyFeed();
    const traffic = shelfcast.tags.emptyTraffic();
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
      for (const { payload, recordedAt } of items)
        if (payload?.minute) takeMinute(traffic, payload, Date.parse(recordedAt));
      for (const key of KEYS) {
        panels.note(key, feed.gaps ? `gap: ${feed.gaps}` : "");
        ages.confirm(key, feed.asOf);
        panels.applied(key, { cursor: feed.cursor, at });
      }
      forgetResolved(feed, wall.serverNow());
      show();
    }

    // What was read before this page looked: from then on the feed tells.
    async function loadTraffic(connection) {
      try {
        const { tagTraffic } = await connection.query({ query: config.documents.tagTraffic });
        loadMinutes(traffic, tagTraffic.minutes);
        show();
      } catch (error) {
        if (wall.isConnected() && !traffic.isLoaded) panels.fail("tags", error.message);
      }
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
      if (traffic.isLoaded) showTraffic(alerts, now, formats);
    }

    function showTraffic(alerts, now, formats) {
      const figures = trafficFigures(traffic, now);
      // A shop without tag readers needs no panel for them.
      wall.root.toggleAttribute("data-has-tags", figures.hasTags);
      showTags(panels.element("tags"), figures, lastSuspects(alerts), now, formats);
      panels.show("tags", figures.hasTags ? "live" : "empty", "No tags were read in the last hour");
    }

    return { subscribe, apply, loadTraffic, show, asOf: () => feed.asOf };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, feedPanels: { feedPanels } };
})();
