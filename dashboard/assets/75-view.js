// The query of the address is what a page of analysis shows; here is how presses change it.
(() => {
  const LISTS = [
    "category", "subcategory", "sku", "location", "channel", "type", "country", "region", "state",
    "postal", "segment", "distributor", "customer",
  ];

  function written(params) {
    params.sort();
    const text = params.toString();
    return text ? `?${text}` : "";
  }

  // What holds one value replaces the other; days replace a named period, and it replaces them.
  function withPart(search, part) {
    const params = new URLSearchParams(search);
    const added = new URLSearchParams(part);
    if (added.has("from") || added.has("to")) params.delete("period");
    if (added.has("period")) for (const name of ["from", "to"]) params.delete(name);
    for (const name of new Set(added.keys())) {
      params.delete(name);
      for (const value of added.getAll(name)) if (value) params.append(name, value);
    }
    return written(params);
  }

  function toggled(search, name, value) {
    const params = new URLSearchParams(search);
    const values = params.getAll(name);
    const kept = values.filter((one) => one !== value);
    params.delete(name);
    for (const one of kept) params.append(name, one);
    if (kept.length === values.length) params.append(name, value);
    return written(params);
  }

  function chosen(search) {
    const params = new URLSearchParams(search);
    return LISTS.flatMap((name) => params.getAll(name).map((value) => ({ name, value })));
  }

  function unfiltered(search) {
    const params = new URLSearchParams(search);
    for (const name of LISTS) params.delete(name);
    return written(params);
  }

  function isChosen(search, name, value) {
    return new URLSearchParams(search).getAll(name).includes(value);
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    view: { LISTS, chosen, isChosen, toggled, unfiltered, withPart },
  };
})();
