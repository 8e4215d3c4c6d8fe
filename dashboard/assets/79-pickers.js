// Filters of a page of records that are picked from lists, and products that are looked up.
(() => {
  // Commas stand between the values of a filter; those within a value are written otherwise.
  const encoded = (value) => value.replace(/[%,]/g, encodeURIComponent);

  function decoded(value) {
    try {
      return decodeURIComponent(value);
    } catch {
      return value;
    }
  }

  const split = (text) => (text ? text.split(",").map(decoded) : []);
  const joined = (values) => values.map(encoded).join(",");

  function withToggled(text, value) {
    const values = split(text);
    const kept = values.filter((one) => one !== value);
    return joined(kept.length === values.length ? [...values, value] : kept);
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, pickers: { joined, split, withToggled } };
  if (typeof document === "undefined") return;

  const { icon, make, setText } = shelfcast.panels;
  const { group } = shelfcast.filters;
  const PAUSE_MS = 250;

  // A field that finds products; the arrows move between what is found, a press chooses one.
  function productsIn(holder, choose, label = "Find a product") {
    const field = make("input", "view-select");
    Object.assign(field, { type: "search", placeholder: "Name or SKU", autocomplete: "off" });
    field.setAttribute("aria-label", label);
    const found = make("div", "product-found");
    const said = make("p", "field-hint");
    said.setAttribute("role", "status");
    let asked = 0;
    let timer = null;

    async function ask() {
      const search = field.value.trim();
      const turn = ++asked;
      if (!search) {
        found.replaceChildren();
        return setText(said, "");
      }
      try {
        const query = new URLSearchParams({ search });
        const response = await shelfcast.pages.fetched("products", query, "Products cannot be looked up just now.");
        const { products } = await response.json();
        if (turn !== asked) return undefined;
        found.replaceChildren(...products.map(offer));
        return setText(said, products.length ? "" : "No product is called so.");
      } catch (error) {
        return setText(said, error.message);
      }
    }

    function offer(product) {
      const button = make("button", "product-offer", make("span", "", product.name), make("span", "cell-note", product.sku));
      button.type = "button";
      button.addEventListener("click", () => {
        // What was asked for meanwhile is not offered any more.
        clearTimeout(timer);
        asked += 1;
        field.value = "";
        found.replaceChildren();
        choose(product);
        field.focus();
      });
      return button;
    }

    holder.addEventListener("keydown", (event) => {
      const stops = [field, ...found.querySelectorAll("button")];
      const at = stops.indexOf(document.activeElement);
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Enter" && at === 0) {
        event.preventDefault();
        event.stopPropagation();
        stops[1]?.click();
      }
      if (!step || at < 0) return;
      event.preventDefault();
      stops[Math.min(Math.max(at + step, 0), stops.length - 1)].focus();
    });
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE_MS);
    });
    holder.append(field, found, said);
    return field;
  }

  // A sheet of boxes and what of them is chosen; the address of the page says what that is.
  function barIn(holder, { groups, products }, page) {
    const held = (name) => new URLSearchParams(window.location.search).get(name) ?? "";
    const tell = (name, value) =>
      globalThis.dash_clientside.set_props({ part: "filter", page, name }, { value });
    const choose = (name) => (value) => tell(name, withToggled(held(name), value));
    const titles = { sku: "Product", ...Object.fromEntries(groups.map(({ name, title }) => [name, title])) };
    const labels = new Map(groups.flatMap(({ name, options }) =>
      options.map(({ value, label }) => [`${name}=${value}`, label])));

    const fields = groups.map(({ name, title, options }) => group(name, title, options, choose(name)));
    if (products) {
      const field = make("fieldset", "filter-group", make("legend", "", "Product"));
      productsIn(field, ({ sku, name }) => {
        labels.set(`sku=${sku}`, name);
        if (!split(held("sku")).includes(sku)) choose("sku")(sku);
      });
      fields.push(field);
    }
    const count = make("b", "filter-count");
    const summary = make("summary", "button quiet", icon("filter"), "Filters", count);
    const sheet = make("details", "filter-sheet", summary, make("div", "filter-groups", ...fields));
    const chips = make("div", "view-chips");
    chips.setAttribute("aria-label", "What is chosen");
    sheet.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      sheet.open = false;
      summary.focus();
    });
    holder.replaceChildren(sheet, chips);

    function chip(name, value) {
      const text = `${titles[name]}: ${labels.get(`${name}=${value}`) ?? value}`;
      const button = make("button", "view-chip", make("span", "", text), icon("close"));
      button.type = "button";
      button.setAttribute("aria-label", `Do without ${text}`);
      button.addEventListener("click", () => choose(name)(value));
      return button;
    }

    function clear() {
      const button = make("button", "view-chip is-clear", "Clear all");
      button.type = "button";
      button.addEventListener("click", () => {
        for (const name of Object.keys(titles)) if (held(name)) tell(name, "");
      });
      return button;
    }

    function show() {
      const now = Object.keys(titles).flatMap((name) => split(held(name)).map((value) => [name, value]));
      setText(count, now.length ? String(now.length) : "");
      for (const box of sheet.querySelectorAll("input[type=checkbox]"))
        box.checked = split(held(box.closest("fieldset").dataset.filter)).includes(box.value);
      chips.replaceChildren(...now.map(([name, value]) => chip(name, value)), ...(now.length > 1 ? [clear()] : []));
      chips.hidden = now.length === 0;
    }

    show();
    return { show };
  }

  Object.assign(shelfcast.pickers, { barIn, productsIn });
})();
