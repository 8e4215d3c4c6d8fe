// The panels that live on `pulse`: key figures, map, sales per minute.
(() => {
  const KEYS = ["revenue", "orders", "basket", "open-alerts", "map", "minutes"];

  function pulsePanels(wall) {
    const { ages, panels, config } = wall;
    const chart = shelfcast.minutes.chart(wall.root.querySelector(".chart-holder"));
    const map = shelfcast.storeMap.storeMap(panels.element("map"));
    let latest = null;

    function subscribe(connection, frames) {
      connection.stream(
        { query: config.documents.pulse, variables: { maxHz: config.maxHz } },
        {
          next({ pulse }) {
            wall.hear(pulse.asOf);
            frames.pulse(pulse);
          },
          failed: (code) => KEYS.forEach((key) => panels.fail(key, code)),
        },
      );
    }

    function apply(pulse, at) {
      latest = pulse;
      const formats = wall.useFormats(pulse);
      shelfcast.keyFigures.apply(panels, pulse, formats);
      showMap(pulse, formats);
      showMinutes(pulse, formats);
      for (const key of KEYS) {
        ages.confirm(key, Date.parse(pulse.asOf));
        panels.applied(key, { cursor: pulse.cursor, at });
      }
    }

    function showMap(pulse, formats) {
      const isDrawn = map.apply(pulse, formats);
      const hasPlaces = pulse.locations.some(shelfcast.storeMap.isOnMap);
      if (hasPlaces && !isDrawn) return; // Leaflet is not there yet: it goes on loading
      panels.show("map", hasPlaces ? "live" : "empty", "No location has coordinates yet");
    }

    function showMinutes(pulse, formats) {
      const { hasSales, showAmounts } = shelfcast.minutes;
      chart.draw(pulse, formats);
      showAmounts(panels.element("minutes"), pulse, formats);
      panels.show("minutes", hasSales(pulse) ? "live" : "empty", "No sales in the last hour");
    }

    return {
      subscribe,
      apply,
      isReady: chart.isReady,
      latest: () => latest,
      restyle: chart.restyle,
      fitMap: map.fit,
      stop: map.stop,
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, pulsePanels: { pulsePanels } };
})();
