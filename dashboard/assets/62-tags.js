// Tag traffic: reads and different pieces by minute and place, and how fast the reads come in.
(() => {
  const { make, reconcile, setAttribute, setText } = shelfcast.panels;
  const { roundAgeText } = shelfcast.formats;
  const RATE_MS = 30_000;
  const MINUTE_MS = 60_000;
  const KEPT_MS = 60 * MINUTE_MS;
  const MOST_PLACES = 8;
  const MOST_SUSPECTS = 3;

  function emptyTraffic() {
    return { minutes: new Map(), arrivals: [], isLoaded: false };
  }

  // Takes the figures of a minute, of which the highest are the latest. `at` is when they came in;
  // null where they were asked for, which says nothing of how fast.
  function takeMinute(traffic, { minute, location, reads, pieces }, at) {
    const key = `${location.code} ${minute}`;
    const before = traffic.minutes.get(key)?.reads ?? 0;
    const now = Number(reads);
    if (now <= before) return;
    if (at !== null) traffic.arrivals.push({ at, reads: now - before });
    const start = Date.parse(minute);
    traffic.minutes.set(key, { start, location, reads: now, pieces: Number(pieces) });
  }

  function loadMinutes(traffic, minutes) {
    for (const minute of minutes) takeMinute(traffic, minute, null);
    traffic.isLoaded = true;
  }

  function forgetOld(traffic, now) {
    for (const [key, { start }] of traffic.minutes)
      if (now - start >= KEPT_MS) traffic.minutes.delete(key);
    traffic.arrivals = traffic.arrivals.filter(({ at }) => now - at < RATE_MS);
  }

  // Reads a second of late, and of each place the pieces of its better minute: this one or the last.
  function trafficFigures(traffic, now) {
    forgetOld(traffic, now);
    const reads = traffic.arrivals.reduce((sum, arrival) => sum + arrival.reads, 0);
    const last = Math.floor(now / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    const places = new Map();
    for (const { start, location, pieces } of traffic.minutes.values()) {
      const before = places.get(location.code);
      if (start >= last && pieces > (before?.pieces ?? 0))
        places.set(location.code, { location, pieces });
    }
    const sorted = [...places.values()].sort((one, other) => other.pieces - one.pieces);
    return {
      perSecond: reads / (RATE_MS / 1_000),
      pieces: sorted.reduce((sum, place) => sum + place.pieces, 0),
      places: sorted,
      hasTags: traffic.minutes.size > 0,
    };
  }

  function lastSuspects(alerts) {
    return alerts
      .filter(({ kind, state }) => kind === "SUSPECT_EXIT" && state !== "RESOLVED")
      .sort((one, other) => Date.parse(other.openedAt) - Date.parse(one.openedAt))
      .slice(0, MOST_SUSPECTS);
  }

  function rateText(perSecond) {
    return perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
  }

  function placeElement() {
    return make("li", "tag-place", make("span", "tag-place-name"), make("i"), make("b"));
  }

  function suspectElement() {
    return make("li", "tag-suspect", make("span", "tag-suspect-name"), make("time"));
  }

  function showTags(panel, figures, suspects, serverNow, formats) {
    setText(panel.querySelector(".tag-rate b"), rateText(figures.perSecond));
    setText(panel.querySelector(".tag-pieces b"), formats.count(figures.pieces));
    const most = figures.places[0]?.pieces ?? 1;
    reconcile(panel.querySelector(".tag-places"), figures.places.slice(0, MOST_PLACES), {
      key: ({ location }) => location.code,
      create: placeElement,
      update(element, { location, pieces }) {
        setText(element.querySelector(".tag-place-name"), location.name);
        setText(element.querySelector("b"), formats.count(pieces));
        setAttribute(element, "style", `--share: ${(pieces / most).toFixed(3)}`);
      },
    });
    setAttribute(panel.querySelector(".tag-suspects"), "data-count", String(suspects.length));
    reconcile(panel.querySelector(".tag-suspects ul"), suspects, {
      key: ({ id }) => id,
      create: suspectElement,
      update(element, { product, location, openedAt }) {
        const name = [product?.name, location?.name].filter(Boolean).join(" · ");
        setText(element.querySelector(".tag-suspect-name"), name);
        setAttribute(element.querySelector("time"), "datetime", openedAt);
        setText(element.querySelector("time"), roundAgeText(serverNow - Date.parse(openedAt)));
      },
    });
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    tags: { emptyTraffic, lastSuspects, loadMinutes, rateText, showTags, takeMinute, trafficFigures },
  };
})();
