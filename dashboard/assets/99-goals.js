// The page of goals: tables that sort, a grid like a spreadsheet's, a file to import, and news.
(() => {
  const MOST_DECIMALS = 4;
  const LARGEST = 1e12;

  // Returns an amount as people write it in the form the backend takes, or what is wrong with it.
  function readAmount(text) {
    const bare = text.replace(/[\s\u00a0\u202f'’$€£¥]/g, "");
    if (!bare) return { amount: "" };
    const isComma = /^\d{1,3}(\.\d{3})+,\d+$/.test(bare) || /^\d+,\d{1,2}$/.test(bare);
    const plain = isComma ? bare.replaceAll(".", "").replace(",", ".") : bare.replaceAll(",", "");
    if (!/^\d+(\.\d*)?$/.test(plain)) return { amount: plain, fault: "this is no amount" };
    if (Number(plain) <= 0) return { amount: plain, fault: "a goal is above 0; empty deletes it" };
    if ((plain.split(".")[1] ?? "").length > MOST_DECIMALS)
      return { amount: plain, fault: "at most four decimals" };
    if (Number(plain) > LARGEST) return { amount: plain, fault: "this is too much" };
    return { amount: plain };
  }

  // Returns the rows of what was copied in a spreadsheet.
  function cellsOf(text) {
    const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n");
    return lines.map((line) => line.split("\t"));
  }

  // Returns where a key leads in a grid of rows and columns; null: it is not for the grid.
  function step(key, { row, column }, { rows, columns }, isShift = false) {
    const moves = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [isShift ? -1 : 1, 0],
    };
    if (!moves[key]) return null;
    const [down, right] = moves[key];
    return {
      row: Math.min(Math.max(row + down, 0), rows - 1),
      column: Math.min(Math.max(column + right, 0), columns - 1),
    };
  }

  // Returns the query of an address that says what the filters hold; what is usual is left out.
  function searchOf(held, usual) {
    const said = Object.entries(held).filter(([name, value]) => (value ?? "") !== usual[name]);
    const text = new URLSearchParams(said.map(([name, value]) => [name, value ?? ""])).toString();
    return text && `?${text}`;
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, goals: { cellsOf, readAmount, searchOf, step } };
  if (typeof document === "undefined") return;

  const { make, setAttribute, setText } = shelfcast.panels;
  const { formatsFor } = shelfcast.formats;
  const { ageing, fileIn, once, reload, saver, selectIn, starter } = shelfcast.pages;
  const LONGEST_MS = 20_000;
  const STALE_MS = 50_000;

  const answer = (name, value) =>
    globalThis.dash_clientside.set_props({ part: "field", page: "goals", name }, { value });

  // Draws the grid into its holder, and tells the form what changed after each change.
  function gridIn(holder, { periods, members, name, isOpen, cells }) {
    const known = new Map(cells.map((cell) => [cell.at.join("\n"), cell]));
    const inputs = [];
    const body = make("tbody");

    function at(element) {
      const row = inputs.findIndex((line) => line.includes(element));
      return { row, column: row < 0 ? -1 : inputs[row].indexOf(element) };
    }

    function memberOf(row) {
      const head = body.rows[row].cells[0].querySelector("input");
      return head ? head.value.trim() : members[row];
    }

    function check(input) {
      const { fault } = readAmount(input.value);
      setAttribute(input, "aria-invalid", fault ? "true" : "false");
      input.title = fault ?? "";
    }

    function tell() {
      const changed = [];
      inputs.forEach((line, row) => line.forEach((input, column) => {
        const member = memberOf(row);
        const before = known.get([member, periods[column]].join("\n"));
        const { amount, fault } = readAmount(input.value);
        if (amount === "" && !before) return;
        if (!fault && before && amount !== "" && Number(amount) === Number(before.amount)) return;
        const missing = isOpen && !member ? `say which ${name.toLowerCase()}` : undefined;
        changed.push({
          member, period: periods[column], amount, fault: fault ?? missing,
          version: before?.version ?? 0, id: before?.id ?? null,
        });
      }));
      answer("grid", JSON.stringify(changed));
      sum();
    }

    function sum() {
      const totals = periods.map((_, column) =>
        inputs.reduce((whole, line) => whole + (Number(readAmount(line[column].value).amount) || 0), 0));
      [...foot.cells].slice(1).forEach((cell, column) => {
        setText(cell, totals[column] ? totals[column].toLocaleString(undefined, { maximumFractionDigits: 2 }) : "");
      });
    }

    function addRow(member) {
      const head = make("th", "");
      head.scope = "row";
      if (member === null) {
        const field = make("input", "text-input");
        field.placeholder = `Another ${name.toLowerCase()}`;
        field.setAttribute("aria-label", `Another ${name.toLowerCase()}`);
        field.addEventListener("input", tell);
        head.append(field);
      } else {
        head.textContent = member || "All";
      }
      const line = periods.map((period) => {
        const input = make("input", "text-input");
        input.inputMode = "decimal";
        input.autocomplete = "off";
        input.value = known.get([member ?? "", period].join("\n"))?.amount ?? "";
        input.setAttribute("aria-label", `${member ?? "New row"}, ${period}`);
        input.addEventListener("input", () => { check(input); tell(); });
        return input;
      });
      inputs.push(line);
      const tds = line.map((input) => make("td", "", input));
      body.append(make("tr", "", head, ...tds));
    }

    function paste(event) {
      const start = at(event.target);
      const rows = cellsOf(event.clipboardData.getData("text"));
      if (start.row < 0 || (rows.length === 1 && rows[0].length === 1)) return;
      event.preventDefault();
      rows.forEach((line, down) => line.forEach((text, right) => {
        const input = inputs[start.row + down]?.[start.column + right];
        if (!input) return;
        input.value = text.trim();
        check(input);
      }));
      tell();
    }

    function move(event) {
      if (event.key !== "Escape" && event.key !== "Tab") event.stopPropagation();
      const { target } = event;
      const place = at(target);
      const isSideways = event.key === "ArrowLeft" || event.key === "ArrowRight";
      const isWhole = target.selectionStart === 0 && target.selectionEnd === target.value.length;
      const isEdge = event.key === "ArrowLeft" ? target.selectionEnd === 0 : target.selectionStart === target.value.length;
      if (place.row < 0 || (isSideways && !isWhole && !isEdge)) return;
      const next = step(event.key, place, { rows: inputs.length, columns: periods.length }, event.shiftKey);
      if (!next) return;
      event.preventDefault();
      inputs[next.row][next.column].focus();
      inputs[next.row][next.column].select();
    }

    const heads = [name, ...periods].map((text) => {
      const head = make("th", "", text);
      head.scope = "col";
      return head;
    });
    const sumHead = make("th", "", "Sum");
    sumHead.scope = "row";
    const foot = make("tr", "", sumHead, ...periods.map(() => make("td", "is-number")));
    members.forEach((member) => addRow(member));
    if (isOpen) addRow(null);
    const table = make("table", "", make("thead", "", make("tr", "", ...heads)), body, make("tfoot", "", foot));
    table.setAttribute("aria-label", "Goals");
    table.addEventListener("paste", paste);
    table.addEventListener("keydown", move);
    holder.replaceChildren(table);
    sum();
    inputs[0]?.[0]?.focus();
    inputs[0]?.[0]?.select();
  }

  function choose(name, value) {
    globalThis.dash_clientside.set_props({ part: "filter", page: "goals", name }, { value });
  }

  // A table is drawn anew by Dash with each answer; how it was sorted is kept by its name.
  const tables = new Map();
  function tableFor(holder, said) {
    const name = holder.getAttribute("aria-label");
    const kept = tables.get(name);
    const own = kept?.holder === holder ? kept : { holder, table: shelfcast.tables.tableIn(holder, name, kept?.table) };
    tables.set(name, own);
    own.table.show(JSON.parse(said), formatsFor({ currency: holder.dataset.currency, timezone: holder.dataset.timezone }));
  }

  function partsOf({ page }) {
    const mark = shelfcast.news.watermark();
    const paint = ageing("goals-as-of", {
      staleMs: STALE_MS,
      answered: (serverMs) => mark.answered(Date.now(), serverMs),
    });
    let dueAt = Date.now() + LONGEST_MS;

    const isBusy = () =>
      document.hidden || document.querySelector("dialog[open]") || document.activeElement?.matches?.(".filters input[type=text]");

    function ask() {
      const now = Date.now();
      mark.asked(now);
      dueAt = now + LONGEST_MS;
      reload(page);
    }

    function tick(root) {
      once(root, "select", (holder, said) => {
        const told = JSON.parse(said);
        selectIn(holder, told, (chosen) => choose(told.name, chosen));
      });
      once(root, "goal-table", tableFor);
      once(root, "goal-grid", (holder, said) => gridIn(holder, JSON.parse(said)));
      once(root, "goal-file", (holder) => fileIn(holder, page));
      paint(root);
      const wanted = Math.min(mark.dueAt(Date.now()) ?? Infinity, dueAt);
      if (Date.now() >= wanted && !isBusy()) ask();
    }

    function heard(what) {
      if (what === "changed" || what === "begun") mark.changed(Date.now());
    }

    return { tick, heard };
  }

  shelfcast.controls.actions["save-goals"] = saver("goals", "The goals cannot be saved just now.");

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    goals: {
      start: starter(partsOf),
      // A link to the page shows what its sender saw.
      link(_, { page, defaults }) {
        const [fields] = globalThis.dash_clientside.callback_context.inputs_list;
        const held = Object.fromEntries(fields.map(({ id, value }) => [id.name, value]));
        if (window.location.pathname === `/${page}`)
          window.history.replaceState(window.history.state, "", `/${page}${searchOf(held, defaults)}`);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
