// The grid of the pivot page: Perspective's viewer, whose questions are answered with what the page
// has asked the backend for. Loaded by that page only. No figure is added up here.
import { clientOf, start } from "../vendor/perspective/perspective.mjs";

const TABLE = "sales";
const WASM = "/assets/vendor/perspective/perspective.wasm";
const STYLE = "/assets/vendor/perspective/perspective.css";
const SPLIT = "|"; // between the parts of a column's name, so never in a label
const OPERATORS = ["==", "in"];
const ANSWER_WITHIN_MS = 30_000;
// What the page has in its own way: files, theme, links; and what a grid of answers cannot do.
const WITHOUT = `
  #panel-bar, #export, #copy, #reset, #theme, #theme_icon, #plugin-settings, #plugin_tabbar_tab,
  #debug_tabbar_tab, #add-expression, #psp-column-edit-buttons, #settings_tab_bar, #plugin_selector_container,
  #status_reconnect, .aggregate-selector-wrapper, .expression-edit-button { display: none !important; }
  .rl-panel::part(titlebar) { display: none !important; }`;
// What no variable of its own says of how the viewer looks.
const LOOK = `
  regular-table { container-type: inline-size; }
  thead th { min-width: 0 !important; }
  tbody :is(td, .psp-tree-leaf) { min-width: calc((100cqw - 110px) / (var(--columns) + 1)) !important; }
  :is(td, th) { font: 400 13px/1.4 var(--font) !important; font-variant-numeric: tabular-nums !important; }
  regular-table table :is(td, th) { padding: 2px 8px; color: var(--text); }
  regular-table thead th { color: var(--dim); font-weight: 600 !important; }
  regular-table tbody tr:hover td { background: var(--hover); }
  tbody th.psp-tree-leaf { padding-right: 32px !important; }
  .psp-split-total { font-weight: 600 !important; }
  .pivot-column-border, #active-columns .column-selector-column-border { border-color: var(--line) !important; }
  :is(.pivot-column-border, .column-selector-column-border, .column-empty-input) { border-radius: 6px !important; }
  .pivot-selector-label, #transpose_button, .column-selector-column[data-label]::before,
  #sub-columns .scroll-panel-container::before { color: var(--dim); font-weight: 600; }
  #status_bar { box-shadow: none !important; }
  #status_bar:not(.settings-closed) { display: none !important; }
  .split-panel-child, .split-panel-divider { border-color: var(--line) !important; }`;
// Perspective sorts fields and columns by their names: digits that nobody sees keep ours in their order.
const DIGITS = ["\u200b", "\u200c", "\u200d", "\u2060"];
const RANK_LENGTH = 5;
const formatsIn = (currency) => ({
  money: { style: "currency", currency },
  count: { maximumFractionDigits: 0 },
  quantity: { minimumFractionDigits: 0, maximumFractionDigits: 3 },
  percent: { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 },
});

let started = null;

// Once per document: custom elements cannot be defined twice.
function engine() {
  started ??= (async () => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: STYLE });
    const styled = new Promise((resolve, reject) => {
      link.onload = resolve;
      link.onerror = () => reject(new Error("the style of the grid cannot be loaded"));
    });
    document.head.append(link);
    await Promise.all([styled, start(WASM)]);
  })();
  return started;
}

const plain = (label) => label.replaceAll(SPLIT, "¦");
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

const unseen = (rank) =>
  rank.toString(DIGITS.length).padStart(RANK_LENGTH, "0").replace(/\d/g, (digit) => DIGITS[digit]);

// Returns the fields to drag in the order of the page, figures last.
function namesOf({ dimensions, measures, filterOf, options }) {
  const all = Object.entries({ ...dimensions, ...measures });
  const ranked = new Map(all.map(([name, label], rank) => [name, unseen(rank) + label]));
  const of = (labels) => Object.fromEntries(Object.keys(labels).map((name) => [name, ranked.get(name)]));
  const filters = Object.entries(filterOf).map(([dimension, filter]) => [ranked.get(dimension), filter]);
  return { dimensions: of(dimensions), measures: of(measures), filterOf: Object.fromEntries(filters), options };
}

// Returns the columns in their order: `2018|Net sales`; those of the total are called by the figure.
function columnsOf({ heads, figures }) {
  const ranks = new Map();
  const rankOf = (path) => {
    const key = JSON.stringify(path);
    if (!ranks.has(key)) ranks.set(key, ranks.size);
    return unseen(ranks.get(key));
  };
  return heads.flatMap((head, at) => {
    const parts = head.map((label, depth) => rankOf(head.slice(0, depth + 1)) + plain(label));
    return figures.map((figure, place) => ({ name: [...parts, figure.label].join(SPLIT), at, place }));
  });
}

export async function gridIn(holder, { wanted, isDark }) {
  await engine();
  const views = new Map();
  let data = null;
  let names = null;
  let waiting = [];

  const fields = () => ({ ...names.dimensions, ...names.measures });
  const nameOf = (label) => Object.entries(fields()).find(([, known]) => known === label)?.[0];

  // What of a configuration of the viewer the address says.
  function layoutOf({ group_by = [], split_by = [], columns = [], sort = [], filter = [] }) {
    const figures = columns.filter(Boolean).map(nameOf).filter((name) => name in names.measures);
    const [by, direction] = sort.find(([label]) => nameOf(label) in names.measures) ?? [];
    return {
      rows: group_by.map(nameOf),
      columns: split_by.map(nameOf),
      measures: figures.length ? figures : data.measures,
      sort: by && !direction.startsWith("col") && direction !== "none" ? nameOf(by) : null,
      descending: !direction?.includes("asc"),
      filters: filtersOf(filter),
    };
  }

  function filtersOf(terms) {
    const found = {};
    for (const [label, , value] of terms) {
      const name = names.filterOf[label];
      if (!name || value === null || value === undefined) continue;
      const ids = new Map(Object.entries(names.options[name] ?? {}).map(([id, text]) => [text, id]));
      found[name] = [value].flat().map((text) => ids.get(text) ?? text);
    }
    return found;
  }

  function configOf(shown) {
    const label = (name) => fields()[name];
    const formats = formatsIn(shown.currency);
    return {
      table: TABLE,
      plugin: "Datagrid",
      theme: isDark() ? "Pro Dark" : "Pro Light",
      title: null,
      group_by: shown.rows.map(label),
      split_by: shown.columns.map(label),
      columns: shown.measures.map(label),
      sort: shown.sort ? [[label(shown.sort), shown.descending ? "desc" : "asc"]] : [],
      filter: Object.entries(shown.filters).map(([name, values]) => {
        const texts = values.map((value) => names.options[name]?.[value] ?? value);
        const column = Object.entries(names.filterOf).find(([, known]) => known === name)[0];
        return texts.length === 1 ? [column, "==", texts[0]] : [column, "in", texts];
      }),
      group_rollup_mode: "rollup",
      split_rollup_mode: "rollup",
      expressions: {},
      columns_config: Object.fromEntries(
        shown.figures.filter(({ unit }) => formats[unit])
          .map(({ label: column, unit }) => [column, { number_format: formats[unit] }]),
      ),
    };
  }

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(WITHOUT + LOOK);
  function dress(element) {
    if (element?.shadowRoot && !element.shadowRoot.adoptedStyleSheets.includes(sheet))
      element.shadowRoot.adoptedStyleSheets.push(sheet);
  }

  const layoutShown = ({ rows, columns, measures, sort, descending, filters }) => ({
    rows, columns, measures, sort, descending: sort ? descending : true, filters,
  });

  async function answerTo(config) {
    const asked = layoutShown(layoutOf(config));
    if (isTold || same(asked, layoutShown(data))) return data;
    if (!wanted(asked)) return data;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no answer came in time")), ANSWER_WITHIN_MS);
      waiting.push((found) => {
        clearTimeout(late);
        resolve(found);
      });
    });
  }

  // The values that one can filter by, which the viewer asks for as rows without figures.
  function valuesOf(label) {
    const options = Object.values(names.options[names.filterOf[label]] ?? {}).map(plain);
    return { figures: [], heads: [[]], lines: [[[], []], ...options.map((text) => [[text], [[]]])] };
  }

  const isForValues = ({ columns, group_by }) => !columns?.some(Boolean) && group_by?.length === 1;

  const handler = {
    getHostedTables: () => [TABLE],
    getFeatures: () => ({
      group_by: true,
      split_by: true,
      sort: true,
      group_rollup_mode: ["rollup"],
      split_rollup_mode: ["rollup"],
      filter_ops: { string: OPERATORS },
      aggregates: { string: ["any"], float: ["sum"] },
    }),
    tableSchema: () => ({
      ...Object.fromEntries(Object.values(names.dimensions).map((label) => [label, "string"])),
      ...Object.fromEntries(Object.values(names.measures).map((label) => [label, "float"])),
    }),
    tableSize: () => data.lines.length,
    async tableMakeView(_, view, config) {
      const isValues = isForValues(config);
      const shown = isValues ? valuesOf(config.group_by[0]) : await answerTo(config);
      views.set(view, { shown, isValues });
    },
    viewDelete: (view) => void views.delete(view),
    viewSchema: (view) =>
      Object.fromEntries(columnsOf(views.get(view).shown).map(({ name }) => [name, "float"])),
    viewSize: (view) => views.get(view).shown.lines.length,
    viewColumnSize: (view) => columnsOf(views.get(view).shown).length,
    viewGetMinMax: (view, label) => rangeOf(views.get(view).shown, label),
    viewGetData(view, config, _, window, slice) {
      const { start_row: first = 0, end_row: last } = window;
      const { shown } = views.get(view);
      const depth = config.group_by.length;
      const columns = columnsOf(shown).slice(window.start_col ?? 0, window.end_col);
      shown.lines.slice(first, last).forEach(([labels, cells], row) => {
        labels.forEach((label, level) =>
          slice.setCol("string", `__ROW_PATH_${level}__`, row, plain(label), 2 ** (depth - labels.length) - 1));
        for (const { name, at, place } of columns)
          slice.setCol("float", name, row, cells[at][place], 0);
      });
    },
  };

  function rangeOf(shown, label) {
    const { at, place } = columnsOf(shown).find(({ name }) => name === label) ?? {};
    const values = shown.lines.map(([, cells]) => cells[at]?.[place]).filter((value) => value !== null);
    return { min: Math.min(...values), max: Math.max(...values) };
  }

  const viewer = document.createElement("perspective-viewer");
  let isLoaded = false;
  let drawing = Promise.resolve();
  // What the viewer asks for while it is told what to show was chosen by nobody: another answer may
  // be here already, which would be undone.
  let isTold = false;

  // What the viewer waits for it gets at once; what it has to be told, one after the other.
  function show({ names: given, ...found }) {
    names = namesOf(given);
    const figures = found.figures.map((figure) => ({ ...figure, label: names.measures[figure.name] }));
    const latest = { ...found, figures };
    data = latest;
    const answered = waiting;
    waiting = [];
    for (const resolve of answered) resolve(latest);
    if (answered.length) return drawing;
    drawing = drawing.then(() => (latest === data ? tell(latest) : undefined));
    return drawing;
  }

  async function tell(latest) {
    isTold = true;
    try {
      await draw(latest);
    } finally {
      isTold = false;
    }
  }

  async function draw(latest) {
    // Few columns share the width of the grid: a table ends where the page does.
    viewer.style.setProperty("--columns", columnsOf(latest).length);
    if (!isLoaded) {
      isLoaded = true;
      holder.replaceChildren(viewer);
      await viewer.load(clientOf(handler));
      dress(viewer);
      await viewer.restore({ ...configOf(latest), settings: holder.clientWidth > 900 });
      dress(viewer.querySelector("perspective-viewer-datagrid"));
      return viewer.restyleElement(); // it may have looked for its colours before they were there
    }
    const now = layoutShown(layoutOf(await viewer.save()));
    if (!same(now, layoutShown(latest))) return viewer.restore(configOf(latest));
    for (const view of views.values()) if (!view.isValues) view.shown = latest;
    const plugin = await viewer.getPlugin();
    await plugin.update(await viewer.getView());
  }

  // No answer comes: what stands goes on, under the words that say why.
  function settle() {
    const answered = waiting;
    waiting = [];
    for (const resolve of answered) resolve(data);
  }

  return {
    show,
    settle,
    restyle: () => viewer.restore({ theme: isDark() ? "Pro Dark" : "Pro Light" }),
    close: () => viewer.delete(),
  };
}
