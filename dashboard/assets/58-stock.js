// The grid of stock positions: latest changes, or what needs attention, live.
(() => {
  const { NOT_KNOWN } = shelfcast.formats;
  const MOST_ROWS = 500;
  const STEADY_ROWS = 12;
  const STATUS = { oversold: "Oversold", out: "Out of stock", low: "Reorder", fine: "OK" };
  const URGENCY = { oversold: 0, out: 1, low: 2, fine: 3 };

  const quantities = new Intl.NumberFormat(undefined, { maximumFractionDigits: 3 });

  globalThis.dashAgGridFunctions = {
    ...globalThis.dashAgGridFunctions,
    stockStatus: (status) => STATUS[status] ?? "",
    stockQuantity: (value) => (Number.isFinite(value) ? quantities.format(value) : NOT_KNOWN),
    stockChange: (value) =>
      value ? `${value > 0 ? "▲" : "▼"} ${quantities.format(Math.abs(value))}` : NOT_KNOWN,
  };

  // The rules by which the backend raises its alerts: grid and alerts must not contradict each other.
  function statusOf({ isOversold, available, reorderPoint }) {
    if (isOversold) return "oversold";
    if (Number(available) <= 0) return "out";
    return reorderPoint !== null && Number(available) <= Number(reorderPoint) ? "low" : "fine";
  }

  function toRow(level, known) {
    const onHand = Number(level.onHand);
    const change = known ? onHand - known.onHand : null;
    return {
      id: level.id,
      status: statusOf(level),
      product: level.product.name,
      sku: level.product.sku,
      location: level.location.name,
      locationCode: level.location.code,
      onHand,
      available: Number(level.available),
      reorderPoint: level.reorderPoint === null ? null : Number(level.reorderPoint),
      change: change === 0 ? (known.change ?? null) : change,
      version: Number(level.version),
      updatedAt: Date.parse(level.updatedAt),
    };
  }

  // Rows by id, in the order of their last place at the top; the least recent ones are forgotten.
  function stockRows() {
    let rows = new Map();

    function take(level) {
      const known = rows.get(level.id);
      if (known && known.version >= Number(level.version)) return null;
      const row = toRow(level, known);
      rows.set(level.id, row);
      return row;
    }

    function forgetSome() {
      if (rows.size <= MOST_ROWS) return;
      const byAge = [...rows.values()].sort((one, other) => other.updatedAt - one.updatedAt);
      const kept = byAge.filter((row, at) => at < MOST_ROWS / 2 || row.status !== "fine");
      rows = new Map(kept.slice(0, MOST_ROWS).map((row) => [row.id, row]));
    }

    const byChange = (one, other) => other.updatedAt - one.updatedAt;
    const byUrgency = (one, other) =>
      URGENCY[one.status] - URGENCY[other.status] ||
      one.available - other.available ||
      one.product.localeCompare(other.product);

    function view(name, most) {
      const all = [...rows.values()];
      const chosen =
        name === "attention"
          ? all.filter(({ status }) => status !== "fine").sort(byUrgency)
          : all.sort(byChange);
      return chosen.slice(0, most);
    }

    return { take, forgetSome, view, size: () => rows.size };
  }

  // Rows in sight keep their place while they change, so that they can be read; others come on top.
  function nextRising(order, changedIds) {
    const steady = new Set(order.slice(0, STEADY_ROWS));
    return changedIds.filter((id) => !steady.has(id)).reverse();
  }

  function nextOrder(order, changedIds, most) {
    const rising = nextRising(order, changedIds);
    const isRising = new Set(rising);
    return [...rising, ...order.filter((id) => !isRising.has(id))].slice(0, most);
  }

  // What a narrow grid can do without, the first to go first.
  const SPARED = [
    ["sku", 870],
    ["change", 760],
    ["available", 670],
    ["reorderPoint", 560],
  ];
  const TIGHT = 450;
  const STATUS_WIDTH = 122;
  const SIGN_WIDTH = 40;

  function hiddenColumns(width) {
    return SPARED.filter(([, least]) => width < least).map(([column]) => column);
  }

  function grid(most, holder) {
    const rows = stockRows();
    let view = "changed";
    let order = [];

    function api() {
      try {
        return globalThis.dash_ag_grid?.getApi("stock-grid") ?? null;
      } catch {
        return null; // the grid is mounted a little later than the page
      }
    }

    function showAll() {
      const target = api();
      if (!target) return;
      const shown = rows.view(view, most);
      order = shown.map(({ id }) => id);
      target.setGridOption("rowData", shown);
    }

    // The order of the grid is ours: rows in sight are updated in place, others rise to the top.
    function applyChanges(changed) {
      const target = api();
      // Dash may have mounted the grid anew, without the rows it had.
      if (!target.getRowNode(order[0] ?? "")) {
        showAll();
        return;
      }
      const byId = new Map(changed.map((row) => [row.id, row]));
      const next = nextOrder(order, [...byId.keys()], most);
      const isNext = new Set(next);
      const moved = nextRising(order, [...byId.keys()]).filter((id) => isNext.has(id));
      const isMoved = new Set(moved);
      const leaves = order.filter((id) => !isNext.has(id) || isMoved.has(id));
      target.applyTransaction({
        update: changed.filter(({ id }) => isNext.has(id) && !isMoved.has(id)),
        remove: leaves.map((id) => ({ id })),
      });
      const risen = moved.map((id) => ({ ...byId.get(id), hasRisen: true }));
      if (risen.length) target.applyTransaction({ add: risen, addIndex: 0 });
      order = next;
    }

    function fitColumns() {
      const target = api();
      if (!target) return;
      const isTight = holder.clientWidth < TIGHT;
      const hidden = hiddenColumns(holder.clientWidth);
      const shown = SPARED.map(([column]) => column).filter((column) => !hidden.includes(column));
      target.setColumnsVisible(shown, true);
      target.setColumnsVisible(hidden, false);
      holder.classList.toggle("is-tight", isTight);
      target.setColumnWidths([{ key: "status", newWidth: isTight ? SIGN_WIDTH : STATUS_WIDTH }]);
    }

    const resizing = new ResizeObserver(fitColumns);
    resizing.observe(holder);

    // Returns the rows that this batch really changed.
    function apply(levels) {
      const changed = levels.map(rows.take).filter(Boolean);
      if (changed.length === 0 || !api()) return changed;
      if (view === "attention") showAll();
      else applyChanges(changed);
      rows.forgetSome();
      return changed;
    }

    return {
      apply,
      fitColumns,
      isReady: () => Boolean(api()),
      load(levels) {
        levels.forEach(rows.take);
        showAll();
      },
      setView(name) {
        view = name;
        showAll();
      },
      size: rows.size,
      stop: () => resizing.disconnect(),
    };
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    stock: { grid, hiddenColumns, nextOrder, statusOf, stockRows },
  };
})();
