// A page of analysis: asks for what its address says, shows the answer, and keeps it up to date.
(() => {
  if (typeof document === "undefined") return;
  const { setAttribute, setText } = shelfcast.panels;
  const { ageText, formatsFor } = shelfcast.formats;
  const { withPart } = shelfcast.view;
  const TICK_MS = 250;
  const BUSY_AFTER_MS = 400;
  const ANSWER_WITHIN_MS = 25_000;
  const GRACE_MS = 1_500;
  const IN_SIGHT_MARGIN = "200px";
  const BADGE = { connecting: "Connecting", live: "Live", stale: "Stale", reconnecting: "Reconnecting" };

  let asks = 0;

  // What the server answers, or in words why it does not.
  async function fetchPanels(query, signal) {
    const response = await fetch(`/live/panels?${query}`, { headers: { "X-Shelfcast-Page": "1" }, signal });
    if (response.status === 401) shelfcast.session.signIn();
    const body = await response.json();
    return response.ok ? body : { error: { text: body.message, isView: body.code === "BAD_VIEW" } };
  }

  function startPage(config) {
    const root = document.getElementById("analysis");
    const panels = new Map(
      [...root.querySelectorAll("[data-panel]")].map((element) => [
        element.dataset.panel,
        shelfcast.analysisPanels.panelOf(element, config.page, (part) =>
          go(withPart(window.location.search, part))),
      ]),
    );
    const mark = shelfcast.news.watermark();
    const clock = shelfcast.freshness.serverClock();
    const inSight = new Set();
    const behind = new Set();
    const next = new Set();
    const bar = shelfcast.filters.bar(document.getElementById("view-bar"), config, go);
    let formats = null;
    let head = null;
    let waiting = null;
    let asking = null;
    let shownSearch = null;
    let isConnected = false;
    let hasConnected = false;
    let lostAt = null;
    let hasChoices = false;

    const now = () => clock.now(Date.now());

    // One request at a time: a newer ask takes the wishes of the one before along. The answer to a
    // part of what is in sight says nothing about how new the rest is.
    function ask(keys, { isLive, isPart = false }) {
      const wanted = new Set([...keys, ...(waiting?.keys ?? [])]);
      if (!wanted.size) return;
      waiting = {
        seq: ++asks,
        keys: wanted,
        at: Date.now(),
        search: window.location.search,
        isLive: isLive && (waiting?.isLive ?? true),
        isPart: isPart && (waiting?.isPart ?? true),
      };
      if (!waiting.isPart) mark.asked(waiting.at);
      for (const key of wanted) behind.delete(key);
      asking?.abort();
      asking = new AbortController();
      fetchAnswer(waiting, asking.signal);
    }

    async function fetchAnswer({ seq, keys, search }, signal) {
      const query = new URLSearchParams({ page: config.page, view: search, ...(hasChoices ? {} : { choices: "1" }) });
      for (const key of keys) query.append("panel", key);
      const unreachable = { error: { text: "The dashboard cannot be reached. It is asked again.", isView: false } };
      const answer = await fetchPanels(query, signal).catch(() => unreachable);
      if (waiting?.seq === seq) show(answer);
    }

    // What is on the screen first: the rest comes as soon as that is shown.
    function load() {
      bar.show(null);
      waiting = null;
      next.clear();
      const first = [...panels.keys()].filter((key) => isOnScreen(panels.get(key).element));
      if (first.length) for (const key of panels.keys()) if (!first.includes(key)) next.add(key);
      ask(first.length ? first : panels.keys(), { isLive: false });
    }

    function isOnScreen(element) {
      const { top, bottom } = element.getBoundingClientRect();
      return bottom > 0 && top < window.innerHeight;
    }

    function takeNext() {
      const keys = [...next];
      next.clear();
      return keys;
    }

    // Presses go into the address first, so that they can be shared and gone back on.
    function go(search) {
      if (search === window.location.search) return;
      history.pushState(null, "", window.location.pathname + search + window.location.hash);
      load();
    }

    function show(answer) {
      const { keys, search, isPart } = waiting;
      waiting = null;
      if (answer.error) {
        // What is shown is as old as it was before.
        if (!isPart) mark.answered(Date.now(), NaN);
        if (!answer.error.isView) mark.changed(Date.now());
        return fail([...keys, ...takeNext()], answer.error);
      }
      const serverMs = answer.asOf ? Date.parse(answer.asOf) : Date.now();
      clock.message(serverMs, Date.now());
      if (!isPart) mark.answered(Date.now(), serverMs);
      head = answer;
      formats = formatsFor(answer);
      if (answer.choices) {
        hasChoices = true;
        bar.offer(answer.choices);
      }
      shownSearch = search;
      for (const [key, data] of Object.entries(answer.panels))
        panels.get(key)?.show(data, formats, `${config.page}${search}`);
      paintHead();
      bar.show(answer.view);
      const shown = asks;
      afterPaint(() => asks === shown && ask(takeNext(), { isLive: true, isPart: true }));
    }

    function fail(keys, { text, isView }) {
      const note = document.getElementById("analysis-note");
      setText(note, text);
      note.hidden = false;
      setAttribute(root, "data-fault", "true");
      if (isView) bar.show(null);
      for (const key of keys) {
        const panel = panels.get(key);
        // What was right a moment ago stays in sight and grows old; a wrong question has no answer.
        if (panel && (isView || panel.data()?.state !== "live"))
          panel.show({ state: "error", text: "Cannot be shown: the note above says why." }, formats, "");
        else panel?.settle();
      }
    }

    function paintHead() {
      const note = document.getElementById("analysis-note");
      note.hidden = true;
      root.removeAttribute("data-fault");
      const { view, currency, timezone, isDemo, name } = head;
      const gap = view.gap ? ` (${view.gap})` : "";
      const compared = config.hasComparison && view.comparedWith ? `, compared with ${view.comparedWith}${gap}` : "";
      setText(document.getElementById("organisation-note"), name);
      setText(document.getElementById("view-days"), `${view.days}${compared}`);
      const ways = [currency, "business days of each location", timezone.replaceAll("_", " "), view.calendar,
        view.isAlike ? "like-for-like stores" : null, view.sumsOnly];
      setText(document.getElementById("view-units"), ways.filter(Boolean).join(" · "));
      setText(
        document.querySelector("#analysis-empty p"),
        view.isAlike
          ? "Nothing was sold like for like: no location with these filters sold in every month of both periods."
          : "Nothing was sold in this period with these filters.",
      );
      document.querySelector("#analysis-empty [data-action=all-stores]").hidden = !view.isAlike;
      document.getElementById("demo-badge").hidden = !isDemo;
      const isEmpty = [...panels.values()].every((panel) => ["empty", "hidden"].includes(panel.data()?.state));
      document.getElementById("analysis-empty").hidden = !isEmpty;
      setAttribute(root, "data-empty", String(isEmpty));
    }

    function badgeState() {
      const isWithinGrace = lostAt !== null && Date.now() - lostAt < GRACE_MS;
      if (!(isConnected || isWithinGrace)) return hasConnected ? "reconnecting" : "connecting";
      if (root.dataset.fault) return "stale";
      if (mark.asOf() === null) return "connecting";
      return mark.isStale(now()) ? "stale" : "live";
    }

    function paint() {
      const badge = document.getElementById("live-badge");
      const state = badgeState();
      setAttribute(badge, "data-state", state);
      setText(document.getElementById("live-text"), BADGE[state]);
      const isBusy = waiting && !waiting.isLive && Date.now() - waiting.at > BUSY_AFTER_MS;
      setAttribute(root, "aria-busy", String(Boolean(isBusy)));
      if (!formats || mark.asOf() === null) return;
      const time = document.getElementById("view-as-of");
      setAttribute(time, "datetime", new Date(mark.asOf()).toISOString());
      setText(time, `As of ${formats.second(mark.asOf())} ${formats.zoneName(mark.asOf())}`);
      setText(document.getElementById("view-age"), `${ageText(now() - mark.asOf())} ago`);
    }

    function tick() {
      if (!root.isConnected) return stop();
      if (waiting && Date.now() - waiting.at > ANSWER_WITHIN_MS) {
        const { keys, isPart } = waiting;
        waiting = null;
        if (!isPart) mark.answered(Date.now(), NaN);
        const isShown = [...panels.values()].some((panel) => panel.data()?.state === "live");
        const again = isShown ? "What is shown is older; it is asked for again." : "It is asked for again.";
        fail([...keys, ...takeNext()], { text: `No answer came in time. ${again}` });
        mark.changed(Date.now());
      }
      const dueAt = mark.dueAt(Date.now());
      if (dueAt !== null && Date.now() >= dueAt && !document.hidden && !waiting) {
        for (const key of panels.keys()) behind.add(key);
        // Where nothing was sold nothing is in sight, but the first sale has to be.
        ask(root.dataset.empty === "true" ? panels.keys() : inSight, { isLive: true });
      }
      paint();
    }

    const sight = new IntersectionObserver(
      (seen) => {
        for (const { target, isIntersecting } of seen) {
          const { panel } = target.dataset;
          if (isIntersecting) inSight.add(panel);
          else inSight.delete(panel);
        }
        const late = [...inSight].filter((key) => behind.has(key));
        if (late.length) ask(late, { isLive: true, isPart: true });
      },
      { rootMargin: IN_SIGHT_MARGIN },
    );
    for (const { element } of panels.values()) sight.observe(element);

    const connection = shelfcast.news.follow(config, (what, detail, kind) => {
      if (what === "connected") {
        isConnected = hasConnected = true;
        lostAt = null;
      }
      if (what === "closed") {
        if (isConnected) lostAt = Date.now();
        isConnected = false;
      }
      if (what === "beat") {
        clock.message(detail, Date.now());
        mark.confirmed(detail);
      }
      if (what !== "changed" && what !== "begun") return;
      mark.changed(Date.now());
      document.dispatchEvent(new CustomEvent("shelfcast:news", { detail: kind }));
    });

    // Going back within a page is ours; to another page it is Dash's.
    function onPop(event) {
      if (window.location.pathname !== config.path) return;
      event.stopImmediatePropagation();
      if (window.location.search !== shownSearch) load();
    }
    const onLink = () => window.location.pathname === config.path && load();
    const restyle = () => {
      for (const panel of panels.values()) panel.redraw();
    };
    const listeners = [
      [document, "shelfcast:theme", restyle],
      [window, "_dashprivate_pushstate", onLink],
    ];
    for (const [target, name, run] of listeners) target.addEventListener(name, run);
    poppers.add(onPop);
    const timer = setInterval(tick, TICK_MS);

    function stop() {
      clearInterval(timer);
      asking?.abort();
      waiting = null;
      next.clear();
      sight.disconnect();
      connection.close();
      poppers.delete(onPop);
      for (const [target, name, run] of listeners) target.removeEventListener(name, run);
    }

    Object.assign(shelfcast.controls.actions, {
      drill: ({ dataset }) => go(withPart(window.location.search, dataset.part)),
      "panel-view": (button) => panels.get(button.closest("[data-panel]").dataset.panel).view(button.dataset.view),
      save: (button) => panels.get(button.closest("[data-panel]").dataset.panel).save(button.dataset.format),
      "ask-again": load,
      "all-time": () => go(withPart(window.location.search, "period=all")),
      "all-stores": () => go(withPart(window.location.search, "stores=all")),
      unfilter: () => go(shelfcast.view.unfiltered(window.location.search)),
      print: () => window.print(),
      "copy-link": copyLink,
    });
    load();
    return { stop, drill: (part) => go(withPart(window.location.search, part)) };
  }

  // What was just drawn is in sight before anything else is begun.
  const afterPaint = (run) => (document.hidden ? run() : requestAnimationFrame(() => setTimeout(run)));

  const drillOf = (drills, at) => (Array.isArray(drills) ? drills[at] : drills);

  async function copyLink(button) {
    const label = button.querySelector("span:last-child");
    try {
      await navigator.clipboard.writeText(window.location.href);
      setText(label, "Copied");
    } catch {
      setText(label, "Copy it from the address bar");
    }
    setTimeout(() => setText(label, "Copy link"), 2_000);
  }

  // Registered before Dash's own, which would build the whole page anew.
  const poppers = new Set();
  window.addEventListener("popstate", (event) => {
    for (const run of poppers) run(event);
  });

  let running = null;

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    analysis: {
      start(config) {
        running?.stop();
        running = startPage(config);
        return globalThis.dash_clientside.no_update;
      },
      clicked() {
        const [{ prop_id: from, value }] = globalThis.dash_clientside.callback_context.triggered;
        const { panel } = JSON.parse(from.slice(0, from.lastIndexOf(".")));
        const { data } = document.querySelector(`#panel-${panel} .js-plotly-plot`) ?? {};
        const parts = (value?.points ?? []).map(
          ({ curveNumber, pointNumber }) => drillOf(data?.[curveNumber]?.meta?.drills, pointNumber),
        );
        const part = parts.find(Boolean);
        if (part) running?.drill(part);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
