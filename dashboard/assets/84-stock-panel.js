// The stock panel: a look at the stock at each connection, and every change from then on.
(() => {
  const MOST_TOLD = 50;

  function stockPanel(wall) {
    const { ages, panels, config } = wall;
    const holder = panels.element("stock").querySelector(".panel-body");
    const grid = shelfcast.stock.grid(config.stockRows, holder);
    let isLoaded = false;

    function subscribe(connection, frames) {
      connection.stream(
        { query: config.documents.stockChanged },
        {
          next({ stockChanged }) {
            wall.hear();
            frames.level(stockChanged);
          },
          failed(code) {
            isLoaded = false;
            panels.fail("stock", code);
          },
        },
      );
    }

    async function load(connection) {
      const askedAt = wall.serverNow();
      try {
        const { changed, attention } = await connection.query({
          query: config.documents.stock,
          variables: { first: config.stockRows },
        });
        grid.load([...attention.nodes, ...changed.nodes]);
        isLoaded = true;
        ages.confirm("stock", askedAt);
        panels.show("stock", grid.size() ? "live" : "empty", "No stock is recorded yet");
      } catch (error) {
        if (wall.isConnected() && !isLoaded) panels.fail("stock", error.message);
      }
    }

    function apply(levels, at) {
      const changed = grid.apply(levels);
      for (const { updatedAt } of changed) ages.confirm("stock", updatedAt);
      if (!changed.length || !isLoaded) return;
      panels.show("stock", "live");
      panels.applied("stock", {
        version: Math.max(...changed.map(({ version }) => version)),
        rows: changed
          .slice(-MOST_TOLD)
          .map(({ sku, locationCode, version }) => `${sku}@${locationCode}:${version}`)
          .join(" "),
        at,
      });
    }

    // No news is good news only as long as the other subscriptions of this socket bring theirs.
    function confirm(serverMs) {
      if (isLoaded && wall.isConnected()) ages.confirm("stock", serverMs);
    }

    function isMounted() {
      if (!grid.isReady()) return false;
      grid.fitColumns();
      grid.setView("changed");
      return true;
    }

    return { subscribe, load, apply, confirm, isMounted, setView: grid.setView, stop: grid.stop };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, stockPanel: { stockPanel } };
})();
