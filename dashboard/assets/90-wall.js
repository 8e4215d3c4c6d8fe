// The wall: wires the connection to the panels, and tells how far they can be trusted.
(() => {
  if (typeof document === "undefined") return;
  const { ageText, formatsFor, knownZone } = shelfcast.formats;
  const { setAttribute, setText } = shelfcast.panels;
  const TICK_MS = 250;
  const CLOCK_CHECK_MS = 30_000;
  const STOCK_LOOK_MS = 60_000;
  // Time for a planned change of tokens; a connection away for longer is shown as away.
  const GRACE_MS = 750;
  // A page whose figures all stand still although the socket is open asks for a new socket.
  const SILENCE_MS = 20_000;

  const PULSE_PANELS = ["revenue", "orders", "basket", "open-alerts", "map", "minutes"];
  const FEED_PANELS = ["alerts", "sales"];
  const FAULTS = {
    CREDENTIALS_REFUSED: "The backend refuses this dashboard: check its client and secret.",
    NO_TOKEN: "The backend cannot be reached, trying again.",
  };
  const BADGE = {
    connecting: "Connecting",
    live: "Live",
    stale: "Stale",
    reconnecting: "Reconnecting",
  };

  function startWall(config) {
    const root = document.getElementById("wall");
    const ages = shelfcast.freshness.ages(config.staleAfterMs);
    const clock = shelfcast.freshness.serverClock();
    const panels = shelfcast.panels.panels(root, ages);
    const chart = shelfcast.minutes.chart(root.querySelector(".chart-holder"));
    const map = shelfcast.storeMap.storeMap(panels.element("map"));
    const stock = shelfcast.stock.grid(config.stockRows, root.querySelector(".panel-stock .panel-body"));
    const feed = shelfcast.feed.emptyFeed();
    const serverNow = () => clock.now(Date.now());

    let formats = null;
    let latestPulse = null;
    let isConnected = false;
    let hasConnected = false;
    let lostAt = null;
    let lastHeardAt = Date.now();
    let fault = null;
    let isStockLoaded = false;

    const frames = shelfcast.frames.frames(applyFrame);
    const connection = shelfcast.connection.connect({ tokenUrl: config.tokenUrl, heard });
    const { documents } = config;

    function heard(what, detail) {
      if (what === "fault") fault = detail;
      if (what === "closed") {
        if (isConnected) lostAt = Date.now();
        isConnected = false;
      }
      if (what === "connected") {
        fault = null;
        isConnected = true;
        hasConnected = true;
        lostAt = null;
        lastHeardAt = Date.now();
        clock.forget();
        checkClock();
        loadStock();
      }
      paint();
    }

    function hear(serverTime) {
      lastHeardAt = Date.now();
      clock.message(Date.parse(serverTime), lastHeardAt);
    }

    async function checkClock() {
      if (!isConnected) return;
      const sentAt = Date.now();
      try {
        const { organisation } = await connection.query({ query: documents.organisation });
        clock.roundTrip(Date.parse(organisation.serverTime), sentAt, Date.now());
        showOrganisation(organisation);
      } catch {
        // The badge tells of lost connections; the next round asks again.
      }
    }

    // Returns whether the figures have to be written anew.
    function useFormats({ currency, timezone }) {
      if (formats?.currency === currency && formats.timezone === knownZone(timezone)) return false;
      formats = formatsFor({ currency, timezone });
      return true;
    }

    function showOrganisation({ name, currency, timezone, isDemo }) {
      if (useFormats({ currency, timezone }) && latestPulse) frames.pulse(latestPulse);
      setText(document.getElementById("organisation-name"), name);
      document.title = `${name} · live wall`;
      document.getElementById("demo-badge").hidden = !isDemo;
      setText(document.getElementById("currency-name"), currency);
      setText(document.getElementById("zone-name"), timezone.replaceAll("_", " "));
    }

    async function loadStock() {
      if (!isConnected) return;
      const askedAt = serverNow();
      try {
        const { changed, attention } = await connection.query({
          query: documents.stock,
          variables: { first: config.stockRows },
        });
        stock.load([...attention.nodes, ...changed.nodes]);
        isStockLoaded = true;
        ages.confirm("stock", askedAt);
        panels.show("stock", stock.size() ? "live" : "empty", "No stock is recorded yet");
      } catch (error) {
        if (isConnected && !isStockLoaded) panels.show("stock", "error", failure(error.message));
      }
      paint();
    }

    function failure(code) {
      return `These data cannot be read just now (${code})`;
    }

    connection.stream(
      { query: documents.pulse, variables: { maxHz: config.maxHz } },
      {
        next({ pulse }) {
          hear(pulse.asOf);
          frames.pulse(pulse);
        },
        failed: (code) => PULSE_PANELS.forEach((key) => panels.show(key, "error", failure(code))),
      },
    );

    connection.stream(
      { query: documents.stockChanged },
      {
        next({ stockChanged }) {
          lastHeardAt = Date.now();
          frames.level(stockChanged);
        },
        failed: (code) => panels.show("stock", "error", failure(code)),
      },
    );

    // The variables are read when a subscription is sent, so a reconnect resumes at the cursor.
    const feedStream = connection.stream(
      {
        query: documents.feed,
        variables: {
          get after() {
            return feed.cursor;
          },
        },
      },
      {
        next({ feed: item }) {
          lastHeardAt = Date.now();
          if (item.serverTime) hear(item.serverTime);
          if (!frames.item(item)) startFeedAgain();
        },
        failed: (code) => FEED_PANELS.forEach((key) => panels.show(key, "error", failure(code))),
      },
    );

    function startFeedAgain() {
      feed.cursor = null;
      feed.seen = null;
      feedStream.restart();
    }

    function applyFrame({ pulse, levels, items }) {
      if (!root.isConnected) return;
      const at = performance.timeOrigin + performance.now();
      if (levels.length) applyLevels(levels, at);
      if (items.length) applyItems(items, at);
      if (pulse) applyPulse(pulse, at);
      paint();
    }

    function applyLevels(levels, at) {
      const changed = stock.apply(levels);
      for (const { updatedAt } of changed) ages.confirm("stock", updatedAt);
      if (!changed.length || !isStockLoaded) return;
      panels.show("stock", "live");
      panels.applied("stock", {
        version: Math.max(...changed.map(({ version }) => version)),
        rows: changed
          .slice(-50)
          .map(({ sku, locationCode, version }) => `${sku}@${locationCode}:${version}`)
          .join(" "),
        at,
      });
    }

    function applyPulse(pulse, at) {
      latestPulse = pulse;
      useFormats(pulse);
      const asOf = Date.parse(pulse.asOf);
      shelfcast.keyFigures.apply(panels, pulse, formats);
      chart.draw(pulse, formats);
      shelfcast.minutes.showAmounts(panels.element("minutes"), pulse, formats);
      const isDrawn = map.apply(pulse, formats);
      const hasPlaces = pulse.locations.some(shelfcast.storeMap.isOnMap);
      if (isDrawn || !hasPlaces)
        panels.show("map", hasPlaces ? "live" : "empty", "No location has coordinates yet");
      panels.show(
        "minutes",
        shelfcast.minutes.hasSales(pulse) ? "live" : "empty",
        "No sales in the last hour",
      );
      for (const key of PULSE_PANELS) {
        ages.confirm(key, asOf);
        panels.applied(key, { cursor: pulse.cursor, at });
      }
      if (isStockLoaded && isConnected) ages.confirm("stock", asOf);
    }

    function applyItems(items, at) {
      const mustRestart = items.map((item) => shelfcast.feed.applyItem(feed, item)).some(Boolean);
      if (mustRestart) startFeedAgain();
      for (const key of FEED_PANELS) {
        panels.note(key, feed.gaps ? `gap: ${feed.gaps}` : "");
        ages.confirm(key, feed.asOf);
        panels.applied(key, { cursor: feed.cursor, at });
      }
      if (isStockLoaded && isConnected) ages.confirm("stock", feed.asOf);
      shelfcast.feed.forgetResolved(feed, serverNow());
      showLists();
    }

    function showLists() {
      if (!feed.isComplete || !formats) return;
      const now = serverNow();
      const alerts = shelfcast.feed.shownAlerts(feed, now);
      shelfcast.lists.showAlerts(document.getElementById("alerts-list"), alerts, now, formats);
      shelfcast.lists.showSales(document.getElementById("sales-list"), feed.sales, now, formats);
      panels.show("alerts", alerts.length ? "live" : "empty", "Nothing needs attention");
      panels.show("sales", feed.sales.length ? "live" : "empty", "No sales yet");
    }

    function paint() {
      if (!root.isConnected) return;
      const now = serverNow();
      panels.paint(now, formats);
      paintBadge(now);
      if (!formats) return;
      setText(document.getElementById("clock-time"), formats.second(now));
      setText(document.getElementById("clock-zone"), formats.zoneName(now));
    }

    function paintBadge(now) {
      const stale = ages.stale(now);
      const isWithinGrace = lostAt !== null && Date.now() - lostAt < GRACE_MS;
      const state = shelfcast.freshness.badgeState({
        isConnected: (isConnected || isWithinGrace) && navigator.onLine !== false,
        hasConnected,
        stalePanels: stale.length,
        failedPanels: panels.failed(),
        missingPanels: Object.keys(config.staleAfterMs).filter((key) => !ages.isKnown(key)).length,
      });
      const badge = document.getElementById("live-badge");
      setAttribute(badge, "data-state", state);
      setText(document.getElementById("live-text"), BADGE[state]);
      const oldest = Math.max(0, ...stale.map((key) => ages.age(key, now)));
      setAttribute(badge, "title", stale.length ? `Oldest figures: ${ageText(oldest)}` : "");
      paintFault(state);
    }

    function paintFault(state) {
      const note = document.getElementById("fault-note");
      const isAway = state === "reconnecting" || state === "connecting";
      const asOf = ages.asOf("revenue");
      note.hidden = !(isAway && (fault || lostAt !== null));
      if (note.hidden) return;
      const since = asOf && formats ? ` Figures of ${formats.second(asOf)}.` : "";
      setText(note, `${FAULTS[fault] ?? "The connection is lost, trying again."}${since}`);
    }

    function endSilence() {
      if (!isConnected || Date.now() - lastHeardAt < SILENCE_MS) return;
      lastHeardAt = Date.now();
      connection.drop();
    }

    const every = (ms, run) => setInterval(() => (root.isConnected ? run() : stop()), ms);
    const timers = [
      every(TICK_MS, () => {
        paint();
        endSilence();
      }),
      every(1_000, showLists),
      every(CLOCK_CHECK_MS, checkClock),
      every(STOCK_LOOK_MS, loadStock),
    ];
    const onTheme = () => chart.restyle();
    const onMapReady = () => latestPulse && frames.pulse(latestPulse);
    document.addEventListener("shelfcast:theme", onTheme);
    document.addEventListener("shelfcast:map-ready", onMapReady);
    // Chart and grid are mounted by Dash a moment after the page, perhaps after the first data.
    const mounting = setInterval(() => {
      if (!chart.isReady() || !stock.isReady()) return;
      clearInterval(mounting);
      if (latestPulse) frames.pulse(latestPulse);
      stock.fitColumns();
      stock.setView("changed");
    }, 50);

    function stop() {
      timers.forEach(clearInterval);
      clearInterval(mounting);
      document.removeEventListener("shelfcast:theme", onTheme);
      document.removeEventListener("shelfcast:map-ready", onMapReady);
      stock.stop();
      map.stop();
      connection.close();
    }

    function chooseView(button) {
      for (const other of button.parentElement.children)
        setAttribute(other, "aria-pressed", String(other === button));
      stock.setView(button.dataset.view);
    }

    shelfcast.controls.actions["stock-view"] = chooseView;
    shelfcast.controls.actions["fit-map"] = map.fit;
    return { stop };
  }

  let running = null;

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    wall: {
      start(config) {
        running?.stop();
        running = startWall(config);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
