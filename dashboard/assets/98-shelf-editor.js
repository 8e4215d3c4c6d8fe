// A shelf drawn by hand: its boards, and what stands on them. Every change can be undone until it is saved.
(() => {
  const USUAL_WIDTH_CM = 10;
  const MOST_BOARDS = 20;

  const number = (text) => Number(String(text ?? "").replace(",", "."));
  const widthOf = ({ widthCm }) => number(widthCm) || USUAL_WIDTH_CM;
  const takenBy = (product) => (number(product.facings) || 0) * widthOf(product);

  // Returns by board how many cm are taken of how many, and by what.
  function filled({ boards, products }) {
    return boards.map(({ widthCm }, at) => {
      const standing = products.filter(({ board }) => Number(board) === at + 1);
      const used = standing.reduce((sum, one) => sum + takenBy(one), 0);
      return { room: number(widthCm) || 0, used: Math.round(used * 10) / 10, standing };
    });
  }

  // What stood on a board that is gone stands on none; those below move up.
  function withoutBoard(shelf, at) {
    const products = shelf.products.map((one) => {
      const board = Number(one.board);
      if (!one.board || board <= at) return one;
      return { ...one, board: board === at + 1 ? "" : String(board - 1) };
    });
    return { ...shelf, boards: shelf.boards.filter((_, n) => n !== at), products };
  }

  const isPinned = ({ facings, least, most }) =>
    String(facings ?? "") !== "" && [least, most].every((one) => String(one ?? "") === String(facings));

  // What is pinned keeps its facings in every plan: they are its least and its most.
  function withPin(product, isOn) {
    return isOn
      ? { ...product, least: String(product.facings), most: String(product.facings) }
      : { ...product, least: "", most: "" };
  }

  function withValue(shelf, path, value) {
    const [name, at, part] = path.split(".");
    if (at === undefined) return { ...shelf, [name]: value };
    const list = shelf[name].map((one, n) => {
      if (n !== Number(at)) return one;
      const changed = { ...one, [part]: value };
      return part === "facings" && isPinned(one) ? withPin(changed, true) : changed;
    });
    return { ...shelf, [name]: list };
  }

  // Keeps what a shelf was, so that it can be undone and done again.
  function history(first) {
    let past = [];
    let ahead = [];
    let now = first;
    return {
      now: () => now,
      isChanged: () => past.length > 0,
      canRedo: () => ahead.length > 0,
      change(next) {
        if (JSON.stringify(next) === JSON.stringify(now)) return false;
        past = [...past.slice(-199), now];
        ahead = [];
        now = next;
        return true;
      },
      undo() {
        if (!past.length) return;
        ahead = [now, ...ahead];
        now = past.at(-1);
        past = past.slice(0, -1);
      },
      redo() {
        if (!ahead.length) return;
        past = [...past, now];
        [now, ...ahead] = ahead;
      },
    };
  }

  const rules = { filled, history, isPinned, withPin, withValue, withoutBoard };
  globalThis.shelfcast = { ...globalThis.shelfcast, shelfEditor: rules };
  if (typeof document === "undefined") return;

  const { icon, make, setAttribute, setText } = shelfcast.panels;
  const BOARD = [["widthCm", "Width, cm"], ["heightCm", "Height, cm"], ["depthCm", "Depth, cm"]];
  const NUMBERS = [["facings", "Facings", 0], ["least", "Least", 1], ["most", "Most", 1]];

  let open = null;

  function editorIn(holder, { shelf, places, isNew }, tell) {
    const kept = history(shelf);
    let faults = [];
    let strips = [];

    // Where lines come or go everything is drawn anew.
    function act(next) {
      if (kept.change(next)) faults = [];
      draw();
    }

    // Where a value changes its field stays, and with it the focus and what is pressed next.
    function set(control, value) {
      if (!kept.change(withValue(kept.now(), pathOf(control), value))) return;
      faults = faults.filter(({ field: path }) => path !== pathOf(control));
      control.removeAttribute("aria-invalid");
      control.parentElement.querySelector(":scope > .field-fault")?.remove();
      refresh();
    }

    const pathOf = (element) => element?.dataset?.at;

    function field(path, label, value, { type = "text", isReadOnly = false, mode = "" } = {}) {
      const input = make("input", "text-input");
      Object.assign(input, { type, value: value ?? "", autocomplete: "off", readOnly: isReadOnly });
      if (mode) input.inputMode = mode;
      input.dataset.at = path;
      input.setAttribute("aria-label", label);
      input.addEventListener("change", () => set(input, input.value.trim()));
      return withFault(input, path);
    }

    function choice(path, label, value, options) {
      const select = make("select", "view-select");
      for (const [key, text] of options) {
        const option = make("option", "", text);
        option.value = key;
        select.append(option);
      }
      select.value = String(value ?? "");
      select.dataset.at = path;
      select.setAttribute("aria-label", label);
      select.addEventListener("change", () => set(select, select.value));
      return withFault(select, path);
    }

    // What the backend refused stands at its field, with its code.
    function withFault(control, path) {
      const fault = faults.find((one) => one.field === path);
      if (!fault) return control;
      const said = make("p", "field-fault", icon("alert"), make("span", "", `${fault.message} (${fault.code})`));
      said.id = `fault-${path.replaceAll(".", "-")}`;
      setAttribute(control, "aria-invalid", "true");
      setAttribute(control, "aria-describedby", said.id);
      return make("div", "faulty", control, said);
    }

    function button(label, run, { symbol = null, name = label, isOff = false, at = "" } = {}) {
      const element = make("button", "button quiet", ...(symbol ? [icon(symbol)] : []), make("span", "", label));
      element.type = "button";
      element.disabled = isOff;
      element.dataset.at = at;
      element.setAttribute("aria-label", name);
      element.addEventListener("click", run);
      return element;
    }

    const labelled = (label, control) => make("label", "field", make("span", "field-label", label), control);

    function head() {
      const { code, name, location, refillDays } = kept.now();
      const place = isNew
        ? choice("location", "Location", location, [["", "Choose one"], ...places])
        : field("location", "Location", places.find(([key]) => key === location)?.[1] ?? location, { isReadOnly: true });
      return make("div", "shelf-fields",
        labelled("Name", field("name", "Name", name)),
        labelled("Code", field("code", "Code", code, { isReadOnly: !isNew })),
        labelled("Location", place),
        labelled("Days from refill to refill", field("refillDays", "Days from refill to refill", refillDays, { mode: "numeric" })));
    }

    function boards() {
      const shelf_ = kept.now();
      strips = [];
      const lines = shelf_.boards.map((_, at) => {
        const fields = BOARD.map(([part, label]) =>
          labelled(label, field(`boards.${at}.${part}`, `${label} of board ${at + 1}`, shelf_.boards[at][part], { mode: "decimal" })));
        const strip = make("div", "shelf-strip");
        strip.setAttribute("aria-hidden", "true");
        const said = make("p", "board-said");
        strips.push({ strip, said });
        const remove = button("Remove", () => act(withoutBoard(kept.now(), at)),
          { symbol: "close", name: `Remove board ${at + 1}`, isOff: shelf_.boards.length < 2, at: `boards.${at}.remove` });
        return make("div", "shelf-line", make("h4", "", `Board ${at + 1}`), make("div", "board-fields", ...fields, remove), strip, said);
      });
      const last = shelf_.boards.at(-1);
      const add = button("Add a board", () => act({ ...kept.now(), boards: [...kept.now().boards, { ...last }] }),
        { isOff: shelf_.boards.length >= MOST_BOARDS, at: "boards.add" });
      return make("section", "", make("h3", "", "Boards, the highest first"), ...lines, withFault(add, "boards"));
    }

    function fill() {
      filled(kept.now()).forEach(({ room, used, standing }, at) => {
        const { strip, said } = strips[at];
        const over = Math.round((used - room) * 10) / 10;
        strip.replaceChildren(...standing.map((one) => block(one, Math.max(room, used))));
        said.classList.toggle("is-over", over > 0);
        setText(said, `${used} of ${room} cm taken${over > 0 ? `: ${over} cm too much` : ""}`);
      });
    }

    function block(product, room) {
      const element = make("span", "shelf-block", make("span", "", `${product.facings}× ${product.name}`));
      element.style.flexBasis = `${room ? (100 * takenBy(product)) / room : 0}%`;
      return element;
    }

    function line(product, at) {
      const path = `products.${at}`;
      const options = [["", "None"], ...kept.now().boards.map((_, n) => [String(n + 1), String(n + 1)])];
      const pin = make("input");
      Object.assign(pin, { type: "checkbox", checked: isPinned(product) });
      pin.dataset.at = `${path}.pin`;
      pin.setAttribute("aria-label", `Keep the facings of ${product.name}`);
      pin.addEventListener("change", () => {
        const products = kept.now().products.map((one, n) => (n === at ? withPin(one, pin.checked) : one));
        kept.change({ ...kept.now(), products });
        refresh();
      });
      const name = make("div", "two-lines", make("strong", "", product.name),
        make("span", "cell-note", `${product.sku}, ${product.widthCm ? `${product.widthCm} cm wide` : "width not known: 10 cm"}`));
      const cells = [
        ["Product", withFault(name, `${path}.sku`)],
        ["Board", choice(`${path}.board`, `Board of ${product.name}`, product.board, options)],
        ...NUMBERS.map(([part, label, least]) => {
          const made = field(`${path}.${part}`, `${label} of ${product.name}`, product[part], { type: "number" });
          Object.assign(made.matches("input") ? made : made.querySelector("input"), { min: least, max: 500, step: 1 });
          return [label, made];
        }),
        ["Block", field(`${path}.block`, `Block of ${product.name}`, product.block)],
        ["Pinned", pin],
        ["", button("Remove", () => act({ ...kept.now(), products: kept.now().products.filter((_, n) => n !== at) }),
          { symbol: "close", name: `Remove ${product.name}`, at: `${path}.remove` })],
      ];
      return make("tr", "", ...cells.map(([label, inside]) => {
        const cell = make("td", "", inside);
        cell.dataset.label = label;
        return cell;
      }));
    }

    function products() {
      const { products: standing } = kept.now();
      const heads = ["Product", "Board", "Facings", "Least", "Most", "Block", "Pinned", ""].map((text) => {
        const cell = make("th", "", text);
        cell.scope = "col";
        return cell;
      });
      const table = make("table", "records editor-table", make("thead", "", make("tr", "", ...heads)),
        make("tbody", "", ...standing.map(line)));
      table.setAttribute("aria-label", "What stands on the shelf");
      const hint = make("p", "field-hint", "Pinned: plans leave its facings. Products of one block stand together.");
      return make("section", "", make("h3", "", `Products (${standing.length})`), hint,
        standing.length ? table : make("p", "field-hint", "Nothing stands here yet: look up what does."), withFault(make("span"), "products"));
    }

    const tools = make("div", "editor-tools");
    const body = make("div", "editor-body");
    const search = make("div", "editor-search", make("span", "field-label", "Add a product"));
    const others = make("p", "field-fault");
    others.setAttribute("role", "alert");

    function draw() {
      const at = pathOf(document.activeElement);
      const box = holder.closest(".dialog-body");
      const top = box?.scrollTop;
      body.replaceChildren(head(), boards(), products());
      const shown = [...body.querySelectorAll(".field-fault")].length;
      const rest = faults.filter(({ field: path }) => !body.querySelector(`#fault-${path.replaceAll(".", "-")}`));
      setText(others, rest.map(({ message, code }) => `${message} (${code})`).join("; "));
      others.hidden = rest.length === 0;
      if (at) [...holder.querySelectorAll("[data-at]")].find((one) => pathOf(one) === at && !one.disabled)?.focus();
      if (box) box.scrollTop = top;
      if (shown) body.querySelector("[aria-invalid=true]")?.focus();
      refresh();
    }

    // Brings to what the shelf is now all that does not come or go.
    function refresh() {
      const now = kept.now();
      for (const control of body.querySelectorAll("[data-at]")) {
        const [list, at, part] = pathOf(control).split(".");
        if (part === "pin") control.checked = isPinned(now[list][at]);
        else if (control.matches("input, select") && at !== undefined) {
          const value = String(now[list][at][part] ?? "");
          if (control.value !== value) control.value = value;
        }
      }
      fill();
      undo.disabled = !kept.isChanged();
      redo.disabled = !kept.canRedo();
      tell(JSON.stringify(now));
    }

    function goBack(run) {
      run();
      faults = [];
      draw();
    }

    shelfcast.pickers.productsIn(search, ({ sku, name, widthCm }) => {
      const now = kept.now();
      if (now.products.some((one) => one.sku === sku)) return;
      const added = { sku, name, widthCm: widthCm ?? "", facings: "1", board: "1", least: "", most: "", block: "" };
      act({ ...now, products: [...now.products, added] });
    }, "Add a product");

    // Enter goes on to the next product; Ctrl+Z undoes what was written.
    holder.addEventListener("keydown", (event) => {
      const path = pathOf(event.target);
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && path) {
        event.preventDefault();
        document.activeElement.blur();
        return goBack(event.shiftKey ? kept.redo : kept.undo);
      }
      if (event.key !== "Enter" || !path || event.target.tagName === "BUTTON") return undefined;
      event.preventDefault();
      event.stopPropagation();
      const [list, at, part] = path.split(".");
      const next = `${list}.${Number(at) + 1}.${part}`;
      event.target.blur();
      return [...holder.querySelectorAll("[data-at]")].find((one) => pathOf(one) === next)?.focus();
    });

    const undo = button("Undo", () => goBack(kept.undo), { symbol: "return", at: "undo" });
    const redo = button("Redo", () => goBack(kept.redo), { at: "redo" });
    tools.append(undo, redo);
    const editor = make("div", "shelf-editor", tools, others, body, search);
    holder.replaceChildren(editor);
    open = {
      isChanged: kept.isChanged,
      show(latest) {
        faults = latest;
        draw();
      },
    };
    draw();
  }

  document.addEventListener("shelfcast:faults", ({ detail }) => open?.show(detail));

  // What is not saved is not lost by one press of Escape.
  document.addEventListener("cancel", (event) => {
    const editor = event.target.querySelector?.(".shelf-editor");
    if (!editor || !open?.isChanged() || editor.dataset.warned) return;
    event.preventDefault();
    editor.dataset.warned = "true";
    const line = make("p", "note note-bad", icon("alert"), make("span", "", "Not saved yet: press Escape again to leave all as it was."));
    line.setAttribute("role", "alert");
    event.target.querySelector(".dialog-notes").replaceChildren(line);
  }, true);

  rules.editorIn = editorIn;
})();
