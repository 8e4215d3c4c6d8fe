// The wall: puts the parts together, and takes them apart when the page is left.
(() => {
  if (typeof document === "undefined") return;
  const { formatsFor, knownZone } = shelfcast.formats;
  const { setAttribute, setText } = shelfcast.panels;
  const TICK_MS = 250;
  const LISTS_MS = 1_000;
  const CLOCK_CHECK_MS = 30_000;
  const LOOK_MS = 60_000;
  const GOALS_MS = 5_000;
  const MOUNTING_MS = 50;

  // What the parts share: clocks, formats, panels.
  function sharedBy(config) {
    const root = document.getElementById("wall");
    const clock = shelfcast.freshness.serverClock();
    const ages = shelfcast.freshness.ages(config.staleAfterMs);
    const panels = shelfcast.panels.panels(root, ages);
    const panelKeys = Object.keys(config.staleAfterMs);
    const trust = shelfcast.trust.trust({ ages, panels, panelKeys });
    let formats = null;

    return {
      config,
      root,
      clock,
      ages,
      panels,
      trust,
      serverNow: () => clock.now(Date.now()),
      isConnected: trust.isConnected,
      formats: () => formats,
      useFormats({ currency, timezone }) {
        if (formats?.currency !== currency || formats.timezone !== knownZone(timezone))
          formats = formatsFor({ currency, timezone });
        return formats;
      },
      hear(serverTime) {
        trust.hear();
        if (serverTime) clock.message(Date.parse(serverTime), Date.now());
      },
    };
  }

  async function checkClock({ clock, config, isConnected, useFormats }, connection) {
    if (!isConnected()) return;
    const sentAt = Date.now();
    try {
      const { organisation } = await connection.query({ query: config.documents.organisation });
      clock.roundTrip(Date.parse(organisation.serverTime), sentAt, Date.now());
      useFormats(organisation);
      showOrganisation(organisation);
    } catch {
      // The badge tells of lost connections; the next round asks again.
    }
  }

  function showOrganisation({ name, currency, timezone, isDemo }) {
    setText(document.getElementById("organisation-name"), name);
    document.title = `${name} · live wall`;
    document.getElementById("demo-badge").hidden = !isDemo;
    setText(document.getElementById("currency-name"), currency);
    setText(document.getElementById("zone-name"), timezone.replaceAll("_", " "));
  }

  function paint(wall) {
    if (!wall.root.isConnected) return;
    const now = wall.serverNow();
    const formats = wall.formats();
    wall.panels.paint(now, formats);
    wall.trust.paint(now, formats);
    if (!formats) return;
    setText(document.getElementById("clock-time"), formats.second(now));
    setText(document.getElementById("clock-zone"), formats.zoneName(now));
  }

  function connect(wall, { pulse, stock, feed, goals }) {
    const frames = shelfcast.frames.frames((batch) => {
      if (!wall.root.isConnected) return;
      const at = performance.timeOrigin + performance.now();
      if (batch.levels.length) stock.apply(batch.levels, at);
      if (batch.items.length) feed.apply(batch.items, at);
      if (batch.pulse) pulse.apply(batch.pulse, at);
      stock.confirm(Math.max(feed.asOf() ?? 0, wall.ages.asOf("revenue") ?? 0) || null);
      paint(wall);
    });
    const connection = shelfcast.connection.connect({
      ticketUrl: wall.config.ticketUrl,
      heard(what, detail) {
        if (what === "signedOut") {
          shelfcast.session.signIn();
          return;
        }
        wall.trust.told(what, detail);
        if (what === "connected") {
          wall.clock.forget();
          checkClock(wall, connection).then(() => goals.load(connection));
          stock.load(connection).then(() => paint(wall));
          feed.loadTraffic(connection);
        }
        paint(wall);
      },
    });
    for (const part of [pulse, stock, feed]) part.subscribe(connection, frames);
    return { connection, frames };
  }

  function startTimers(wall, { pulse, stock, feed, goals }, connection, stop) {
    const every = (ms, run) => setInterval(() => (wall.root.isConnected ? run() : stop()), ms);
    return [
      every(TICK_MS, () => {
        paint(wall);
        if (wall.trust.isSilent()) connection.drop();
      }),
      every(LISTS_MS, feed.show),
      every(GOALS_MS, () => {
        goals.look(connection, pulse.latest()?.revenue.value);
        goals.paint();
      }),
      every(CLOCK_CHECK_MS, () => checkClock(wall, connection)),
      every(LOOK_MS, () => {
        if (!wall.isConnected()) return;
        stock.load(connection);
        feed.loadTraffic(connection);
        goals.load(connection);
      }),
    ];
  }

  function listen(pulse, redraw) {
    const listeners = [
      ["shelfcast:theme", pulse.restyle],
      ["shelfcast:map-ready", redraw],
    ];
    for (const [name, run] of listeners) document.addEventListener(name, run);
    return () => {
      for (const [name, run] of listeners) document.removeEventListener(name, run);
    };
  }

  function chooseView(stock, button) {
    for (const other of button.parentElement.children)
      setAttribute(other, "aria-pressed", String(other === button));
    stock.setView(button.dataset.view);
  }

  function startWall(config) {
    const wall = sharedBy(config);
    const parts = {
      pulse: shelfcast.pulsePanels.pulsePanels(wall),
      stock: shelfcast.stockPanel.stockPanel(wall),
      feed: shelfcast.feedPanels.feedPanels(wall),
      goals: shelfcast.wallGoals.wallGoals(wall),
    };
    const { pulse, stock } = parts;
    const { connection, frames } = connect(wall, parts);
    const redraw = () => pulse.latest() && frames.pulse(pulse.latest());
    const deafen = listen(pulse, redraw);
    const timers = startTimers(wall, parts, connection, stop);
    // Chart and grid are mounted by Dash a moment after the page, perhaps after the first data.
    const mounting = setInterval(() => {
      if (!pulse.isReady() || !stock.isMounted()) return;
      clearInterval(mounting);
      redraw();
    }, MOUNTING_MS);

    function stop() {
      for (const timer of [...timers, mounting]) clearInterval(timer);
      deafen();
      pulse.stop();
      stock.stop();
      connection.close();
    }

    shelfcast.controls.actions["stock-view"] = (button) => chooseView(stock, button);
    shelfcast.controls.actions["fit-map"] = pulse.fitMap;
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
