// Tables of analysis: sorted by pressing a heading, drilled into by pressing a name.
(() => {
  const { make, setAttribute, setText } = shelfcast.panels ?? {};
  const NUMERIC = new Set(["money", "count", "quantity", "percent", "number"]);
  const MOST_SHOWN = 200;
  const SVG = "http://www.w3.org/2000/svg";
  const SPARK = { width: 120, height: 26, edge: 2 };

  function compare(one, other, isNumeric) {
    if (one === other) return 0;
    // What is not known comes last, whichever way the rest is sorted.
    if (one === null || one === undefined) return Infinity;
    if (other === null || other === undefined) return -Infinity;
    return isNumeric ? one - other : String(one).localeCompare(String(other), undefined, { numeric: true });
  }

  // Returns the places of the rows in their order; the server's order where nothing is sorted.
  function order(table, sort) {
    const places = table.rows.map((_, at) => at);
    if (!sort) return places;
    const { column, isDescending } = sort;
    const isNumeric = NUMERIC.has(table.columns[column].unit);
    return places.sort((one, other) => {
      const found = compare(table.rows[one][column], table.rows[other][column], isNumeric);
      if (!Number.isFinite(found)) return found > 0 ? 1 : -1;
      return (isDescending ? -found : found) || one - other;
    });
  }

  function nextSort(sort, column, unit) {
    const startsDown = NUMERIC.has(unit);
    if (sort?.column !== column) return { column, isDescending: startsDown };
    return sort.isDescending === startsDown ? { column, isDescending: !startsDown } : null;
  }

  function heading(column, at, sort, choose) {
    const button = make("button", "sort-button", column.label);
    button.type = "button";
    button.addEventListener("click", () => choose(at));
    const cell = make("th", NUMERIC.has(column.unit) ? "is-number" : "", button);
    cell.scope = "col";
    const direction = sort?.isDescending ? "descending" : "ascending";
    setAttribute(cell, "aria-sort", sort?.column === at ? direction : "none");
    return cell;
  }

  // A line from left to right, from nothing at the bottom to the highest at the top.
  function sparkPoints(values) {
    const { width, height, edge } = SPARK;
    const most = Math.max(...values, 0) || 1;
    const step = (width - 2 * edge) / Math.max(values.length - 1, 1);
    return values.map((value, at) =>
      `${(edge + at * step).toFixed(1)},${(height - edge - (value / most) * (height - 2 * edge)).toFixed(1)}`).join(" ");
  }

  function spark(values, formats) {
    const picture = document.createElementNS(SVG, "svg");
    const line = document.createElementNS(SVG, "polyline");
    const rounded = (value) => formats.quantity(Math.round(value * 10) / 10);
    picture.setAttribute("viewBox", `0 0 ${SPARK.width} ${SPARK.height}`);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", `from ${rounded(Math.min(...values))} to ${rounded(Math.max(...values))} a day`);
    picture.setAttribute("class", "spark");
    line.setAttribute("points", sparkPoints(values));
    picture.append(line);
    return picture;
  }

  function cell(column, value, formats, drill) {
    if (column.unit === "spark") {
      const drawn = make("td", "is-spark", spark(value, formats));
      drawn.dataset.label = column.label;
      return drawn;
    }
    const text = shelfcast.figures.writer(column.unit, formats)(value);
    const element = make("td", NUMERIC.has(column.unit) ? "is-number" : `is-${column.unit}`);
    element.dataset.label = column.label;
    if (drill === undefined || drill === null) {
      setText(element, text);
      return element;
    }
    const button = make("button", "drill-button", text);
    button.type = "button";
    button.dataset.action = "drill";
    button.dataset.part = drill;
    button.title = `Only ${text}`;
    element.append(button);
    return element;
  }

  // Draws into `holder`; its own sorting, or that of the table `before` it, lasts for as long as the
  // columns stay the same.
  function tableIn(holder, name, before = null) {
    let { table, sort } = before?.shown() ?? { table: null, sort: null };
    let formats = null;
    let signature = "";

    function draw() {
      const { columns, rows, drills } = table;
      const places = order(table, sort).slice(0, MOST_SHOWN);
      const head = make("tr", "", ...columns.map((column, at) => heading(column, at, sort, choose)));
      const body = places.map((place) =>
        make("tr", "", ...columns.map((column, at) =>
          cell(column, rows[place][at], formats, at === 0 ? drills[place] : undefined))),
      );
      const element = make("table", "analysis-table", make("thead", "", head), make("tbody", "", ...body));
      element.setAttribute("aria-label", name);
      const focused = [...holder.querySelectorAll("button")].indexOf(document.activeElement);
      const top = holder.scrollTop;
      const left = holder.scrollLeft;
      holder.replaceChildren(element);
      if (rows.length > places.length)
        holder.append(make("p", "table-rest", `The first ${places.length} of ${rows.length}; files hold all.`));
      holder.scrollTo(left, top);
      if (focused >= 0) holder.querySelectorAll("button")[focused]?.focus({ preventScroll: true });
    }

    function choose(column) {
      sort = nextSort(sort, column, table.columns[column].unit);
      draw();
    }

    return {
      shown: () => ({ table, sort }),
      show(latest, latestFormats) {
        if (table && latest.columns.map(({ label }) => label).join() !== table.columns.map(({ label }) => label).join())
          sort = null;
        table = latest;
        formats = latestFormats;
        const now = JSON.stringify([latest, formats.currency]);
        if (now === signature && holder.firstChild) return;
        signature = now;
        draw();
      },
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, tables: { compare, nextSort, order, sparkPoints, tableIn } };
})();
