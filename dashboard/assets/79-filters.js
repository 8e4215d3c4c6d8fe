// The bar above the panels: period, comparison, measure, filters and what of them is chosen.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make, setText } = shelfcast.panels;
  const { chosen, isChosen, toggled, unfiltered, withPart } = shelfcast.view;
  const SEARCHED = 8;

  function option(value, label) {
    const element = make("option", "", label);
    element.value = value;
    return element;
  }

  function labelled(name, control) {
    return make("label", "view-field", make("span", "", name), control);
  }

  function select(name, options, onChange) {
    const element = make("select", "view-select", ...Object.entries(options).map(([value, label]) => option(value, label)));
    element.name = name;
    element.addEventListener("change", () => onChange(element.value));
    return element;
  }

  function day(name, onChange) {
    const element = make("input", "view-select");
    element.type = "date";
    element.name = name;
    element.min = "1900-01-01";
    element.max = "2200-12-31";
    element.addEventListener("change", onChange);
    return element;
  }

  // One group of boxes; long ones are searched.
  function group(name, title, options, choose) {
    const boxes = options.map(({ value, label }) => {
      const box = make("input");
      box.type = "checkbox";
      box.value = value;
      box.addEventListener("change", () => choose(value));
      return make("label", "filter-box", box, make("span", "", label));
    });
    const list = make("div", "filter-boxes", ...boxes);
    const field = make("fieldset", "filter-group", make("legend", "", title));
    field.dataset.filter = name;
    if (options.length > SEARCHED) {
      const search = make("input", "view-select");
      search.type = "search";
      search.placeholder = `Find among ${options.length}`;
      search.setAttribute("aria-label", `Find in ${title}`);
      search.addEventListener("input", () => {
        const wanted = search.value.trim().toLowerCase();
        for (const box of boxes) box.hidden = !box.textContent.toLowerCase().includes(wanted);
      });
      field.append(search);
    }
    field.append(list);
    return field;
  }

  function bar(root, config, go) {
    const search = () => window.location.search;
    const set = (part) => go(withPart(search(), part));
    // Days that are still being written are not in the address yet: no answer takes them away.
    let isWriting = false;
    let said = null;
    const period = select("period", config.periods, (value) => {
      isWriting = value === "custom";
      if (!isWriting) return set(new URLSearchParams({ period: value }));
      dates.hidden = false;
      return from.focus();
    });
    const setDays = () => set(new URLSearchParams({ from: from.value, to: to.value }));
    const from = day("from", () => from.value && to.value && setDays());
    const to = day("to", () => from.value && to.value && setDays());
    const dates = make("div", "view-days", labelled("From", from), labelled("To", to));
    dates.addEventListener("input", () => {
      isWriting = true;
    });
    const compare = select("compare", config.comparisons, (value) => set(new URLSearchParams({ compare: value })));
    const calendar = select("calendar", {}, (value) => set(new URLSearchParams({ calendar: value })));
    const calendars = labelled("Periods", calendar);
    const stores = select("stores", config.stores, (value) => set(new URLSearchParams({ stores: value })));
    const measure = select("measure", config.measures, (value) => set(new URLSearchParams({ measure: value })));
    const count = make("b", "filter-count");
    const groups = make("div", "filter-groups");
    const sheet = make("details", "filter-sheet", make("summary", "button quiet", icon("filter"), "Filters", count), groups);
    const chips = make("div", "view-chips");
    chips.setAttribute("aria-label", "What is chosen");
    calendars.hidden = true;
    let names = {};
    let labels = new Map();
    sheet.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      sheet.open = false;
      sheet.querySelector("summary").focus();
    });
    const fields = [
      labelled("Period", period), dates,
      ...(config.hasComparison ? [calendars, labelled("Compared with", compare), labelled("Stores", stores)] : []),
      ...(config.hasMeasure ? [labelled("Measure", measure)] : []),
      sheet,
    ];
    root.replaceChildren(make("div", "view-fields", ...fields), chips);

    function offer(choices) {
      names = choices.names;
      const known = Object.entries(choices.calendars);
      calendar.replaceChildren(...known.map(([value, label]) => option(value, label)));
      calendars.hidden = known.length === 0;
      calendar.value = new URLSearchParams(search()).get("calendar") ?? config.defaults.calendar;
      const offered = Object.entries(choices.options).filter(([name, options]) =>
        options.length > 1 && (!config.filters.length || config.filters.includes(name)));
      labels = new Map(
        Object.entries(choices.options).flatMap(([name, options]) =>
          options.map(({ value, label }) => [`${name}=${value}`, label])),
      );
      groups.replaceChildren(...offered.map(([name, options]) =>
        group(name, names[name], options, (value) => go(toggled(search(), name, value)))));
    }

    const textOf = ({ name, value }) => `${names[name] ?? name}: ${labels.get(`${name}=${value}`) ?? value}`;

    function chip({ name, value }) {
      const text = textOf({ name, value });
      const button = make("button", "view-chip", make("span", "", text), icon("close"));
      button.type = "button";
      button.setAttribute("aria-label", `Do without ${text}`);
      button.addEventListener("click", () => go(toggled(search(), name, value)));
      return button;
    }

    function clear() {
      const button = make("button", "view-chip is-clear", "Clear all");
      button.type = "button";
      button.addEventListener("click", () => go(unfiltered(search())));
      return button;
    }

    function showDays(params, view) {
      if (search() !== said) isWriting = false;
      said = search();
      if (isWriting) return;
      const asked = params.has("from") || params.has("to") ? "custom" : params.get("period");
      period.value = view?.period ?? asked ?? config.defaults.period;
      dates.hidden = period.value !== "custom";
      from.value = params.get("from") ?? view?.from ?? "";
      to.value = params.get("to") ?? view?.to ?? "";
    }

    // Chips that say the same stay: one of them may have the focus, or be under a finger.
    function showChips(now) {
      const texts = JSON.stringify(now.map(textOf));
      if (chips.dataset.shown === texts) return;
      chips.dataset.shown = texts;
      chips.replaceChildren(...now.map(chip), ...(now.length > 1 ? [clear()] : []));
      chips.hidden = now.length === 0;
    }

    // Brings the controls to what the address says and the server understood.
    function show(view) {
      const params = new URLSearchParams(search());
      showDays(params, view);
      calendar.value = params.get("calendar") ?? config.defaults.calendar;
      compare.value = params.get("compare") ?? config.defaults.compare;
      stores.value = params.get("stores") ?? config.defaults.stores;
      const isAlone = view ? !view.comparedWith : compare.value === "none";
      compare.disabled = period.value === "all";
      compare.title = compare.disabled ? "All time has nothing beside it." : "";
      stores.disabled = isAlone;
      stores.title = isAlone ? "Like for like needs a period to compare with." : "";
      measure.value = params.get("measure") ?? config.defaults.measure;
      const now = chosen(search());
      setText(count, now.length ? String(now.length) : "");
      for (const box of groups.querySelectorAll("input[type=checkbox]"))
        box.checked = isChosen(search(), box.closest("fieldset").dataset.filter, box.value);
      showChips(now);
    }

    return { offer, show };
  }

  document.addEventListener("click", ({ target }) => {
    for (const open of document.querySelectorAll(".filter-sheet[open], .save-menu[open]"))
      if (!open.contains(target)) open.open = false;
  });

  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const open of document.querySelectorAll(".save-menu[open], .account[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  globalThis.shelfcast = { ...globalThis.shelfcast, filters: { bar, group, labelled, select } };
})();
