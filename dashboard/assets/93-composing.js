// The draft of a board: its blocks one under the other, each with what it says or asks.
(() => {
  if (typeof document === "undefined") return;
  const { make, setText } = shelfcast.panels;
  const WORDS = { SUMMARY: "Summary", RECOMMENDATIONS: "Recommendations", TEXT: "Text" };
  const KINDS = { ...WORDS, ANALYSIS: "Analysis", PIVOT: "Kept pivot" };
  const CHOICES = ["by", "within", "grain", "measure"];
  const MOST_TITLE = 120;

  function input(value, name) {
    const element = make("input", "view-select");
    element.value = value;
    element.maxLength = MOST_TITLE;
    element.setAttribute("aria-label", name);
    return element;
  }

  const said = (text) => text.replaceAll("_", " ").toLowerCase().replace(/^./, (letter) => letter.toUpperCase());

  function boxes(options, chosen, legend) {
    const list = Object.entries(options).map(([value, label]) => {
      const box = make("input");
      Object.assign(box, { type: "checkbox", value, checked: chosen.includes(value) });
      return make("label", "filter-box", box, make("span", "", label));
    });
    return {
      element: make("details", "board-audience", make("summary", "", legend), make("div", "filter-boxes", ...list)),
      values: () => list.map((one) => one.firstChild).filter(({ checked }) => checked).map(({ value }) => value),
    };
  }

  function form({ opened, analyses, pivots, roles, locations }, { ask, button, go }) {
    const { labelled, select } = shelfcast.filters;
    const blocks = opened.draft.map((block) => ({ ...block }));
    const title = input(opened.title, "Title of the board");
    const list = make("ol", "board-blocks");
    const forRoles = boxes(roles, opened.roles, "For some roles only");
    const forPlaces = boxes(locations, opened.locations, "For some locations only");

    function row(block, at) {
      const heading = input(block.title, `Title of block ${at + 1}`);
      heading.addEventListener("input", () => (block.title = heading.value));
      const move = (by) => {
        blocks.splice(at + by, 0, ...blocks.splice(at, 1));
        paint();
      };
      const tools = make("div", "head-buttons",
        ...(at > 0 ? [button("Up", () => move(-1), "link-button")] : []),
        ...(at < blocks.length - 1 ? [button("Down", () => move(1), "link-button")] : []),
        button("Remove", () => {
          blocks.splice(at, 1);
          paint();
        }, "link-button"));
      return make("li", "board-block", make("span", "mark mark-plain", KINDS[block.kind]), heading, body(block), tools);
    }

    function body(block) {
      if (!(block.kind in WORDS)) {
        const info = analyses.find(({ name }) => name === block.analysis);
        return make("span", "board-by", info ? info.question : (block.pivot?.rows ?? []).map(said).join(", "));
      }
      const area = make("textarea", "view-select");
      Object.assign(area, { value: block.words, rows: 4, maxLength: 10_000 });
      area.setAttribute("aria-label", `Words of “${block.title}”`);
      area.addEventListener("input", () => (block.words = area.value));
      return area;
    }

    const paint = () => list.replaceChildren(...blocks.map(row));

    // What is added: an analysis takes the period and the filters above along.
    const kind = select("kind", KINDS, () => repaint());
    const analysis = select("analysis", Object.fromEntries(analyses.map(({ name, title: text }) => [name, text])), () => repaint());
    const pivot = select("kept", Object.fromEntries(pivots.map(({ id, name }) => [id, name])), () => {});
    const choices = make("div", "view-fields");

    function repaint() {
      const parameters = analyses.find(({ name }) => name === analysis.value)?.parameters ?? [];
      choices.replaceChildren(...(kind.value === "ANALYSIS" ? parameters : [])
        .filter(({ name, options }) => CHOICES.includes(name) && options.length > 1)
        .map(({ name, options, default: usual }) => {
          const control = select(name, Object.fromEntries(options.map((one) => [one, said(one)])), () => {});
          if (usual) control.value = usual;
          return labelled(said(name), control);
        }));
      analysis.closest("label").hidden = kind.value !== "ANALYSIS";
      pivot.closest("label").hidden = kind.value !== "PIVOT";
    }

    function add() {
      const block = { kind: kind.value, title: KINDS[kind.value], words: "" };
      if (kind.value === "ANALYSIS") {
        const chosen = [...choices.querySelectorAll("select")].map(({ name, value }) => [name, value]);
        Object.assign(block, {
          title: analysis.selectedOptions[0].textContent,
          analysis: analysis.value,
          choice: Object.fromEntries(chosen),
          search: window.location.search,
        });
      }
      if (kind.value === "PIVOT") {
        const kept = pivots.find(({ id }) => id === pivot.value);
        if (!kept) return;
        Object.assign(block, { title: kept.name, pivot: kept.definition });
      }
      blocks.push(block);
      paint();
    }

    const draft = () => ({
      id: opened.id, version: opened.version, title: title.value, blocks,
      roles: forRoles.values(), locations: forPlaces.values(),
    });
    const adding = make("div", "board-adding view-fields", labelled("Add", kind), labelled("Which", analysis),
      labelled("Which", pivot), choices, button("Add", add));
    paint();
    const element = make("div", "board-form", labelled("Title", title), list, adding, forRoles.element, forPlaces.element,
      make("div", "head-buttons",
        button("Save draft", () => ask("save", draft()), "button"),
        button("Done", () => go({ mode: "" })),
        button("Delete board", ({ currentTarget }) => {
          if (currentTarget.dataset.sure) return ask("delete", { id: opened.id });
          currentTarget.dataset.sure = "true";
          setText(currentTarget, "Delete for good");
        })));
    repaint();
    return element;
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, composing: { form } };
})();
