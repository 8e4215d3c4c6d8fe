// The page of boards around the panels of the opened one: list, head, comments.
(() => {
  if (typeof document === "undefined") return;
  const { icon, make, setAttribute, setText } = shelfcast.panels;
  const { withPart } = shelfcast.view;

  const go = (part) =>
    shelfcast.controls.actions.drill({ dataset: { part: new URLSearchParams(part).toString() } });

  function button(label, press, className = "button quiet") {
    const element = make("button", className, label);
    element.type = "button";
    element.addEventListener("click", press);
    return element;
  }

  let note = null;

  function ask(what, input) {
    if (note) setText(note, "One moment …");
    globalThis.dash_clientside.set_props("board-asked", { data: { at: Date.now(), what, input } });
  }

  const dayOf = (text) => String(text ?? "").slice(0, 10);

  function card(board, openedId) {
    const state = board.publishedNumber ? `Version ${board.publishedNumber}` : "Draft";
    const element = button("", () => go({ board: board.id, version: "", mode: "" }), "board-card");
    element.append(
      make("strong", "", board.title),
      make("span", "mark mark-plain", state),
      make("span", "board-by", `${board.ownerName ?? "Somebody"} · ${dayOf(board.changedAt)}`),
    );
    setAttribute(element, "aria-current", String(board.id === openedId));
    return element;
  }

  function listOf({ all, opened, mayWrite }) {
    const cards = all.map((board) => card(board, opened?.id));
    const begin = mayWrite ? [button("New board", () => ask("save", { title: "New board", blocks: [] }), "button")] : [];
    return make("div", "board-list", ...begin, ...cards);
  }

  const noneYet = ({ all, isEdited, isMissing }) =>
    all.length || isEdited || isMissing
      ? []
      : [make("div", "nothing-here", icon("boards"),
          make("p", "", "No board is there for you yet. A board puts figures and words together, for others to read."))];

  function restatedOf(blocks) {
    const restated = blocks.filter(({ restatedDays }) => restatedDays?.length);
    if (!restated.length) return [];
    const names = restated.map(({ title, restatedDays }) => {
      const count = restatedDays.length;
      return `“${title}” (${count} ${count === 1 ? "day" : "days"}, latest ${restatedDays[0]})`;
    });
    const text = `Restated since it was published, by sales that came late: ${names.join(", ")}.`;
    return [make("p", "note board-restated", icon("alert"), make("span", "", text))];
  }

  function toolsOf({ opened, isEdited }) {
    if (!opened.isMineToChange || isEdited) return [];
    const { id, version, draft } = opened;
    return [
      button("Edit", () => go({ mode: "edit", version: "" })),
      ...(draft?.length ? [button("Publish", () => ask("publish", { id, version }), "button")] : []),
    ];
  }

  function headOf(data) {
    const { opened, roles } = data;
    const { published, versions, locations } = opened;
    const to = [...opened.roles.map((role) => roles[role] ?? role), ...locations];
    const said = published
      ? `Version ${published.number}, published ${dayOf(published.publishedAt)} by ${published.publishedByName ?? "somebody"}`
      : "A draft: nobody else sees it";
    const older = make("select", "view-select",
      ...versions.map((number) => Object.assign(make("option", "", `Version ${number}`), { value: number })));
    older.setAttribute("aria-label", "Version");
    if (published) older.value = published.number;
    older.addEventListener("change", () => go({ version: older.value }));
    return make("div", "board-head",
      make("div", "",
        make("h3", "", published?.title ?? opened.title),
        make("p", "panel-summary", `${said}. By ${opened.ownerName ?? "somebody"}, for ${to.join(", ") || "everybody who reads reports"}.`)),
      make("div", "head-buttons", ...(versions.length > 1 ? [older] : []), ...toolsOf(data)),
      ...restatedOf(published?.blocks ?? []));
  }

  function commentsOf({ opened }) {
    if (!opened.publishedNumber) return [];
    const items = opened.comments.map(({ id, text, authorName, madeAt, isMine }) =>
      make("li", "board-comment",
        make("p", "", text),
        make("span", "board-by", `${authorName ?? "Somebody"} · ${dayOf(madeAt)}`),
        ...(isMine ? [button("Take back", () => ask("unsay", { id }), "link-button")] : [])));
    const field = make("textarea", "view-select board-say");
    field.maxLength = 2_000;
    field.rows = 2;
    field.setAttribute("aria-label", "Comment");
    const say = button("Comment", () => field.value.trim() && ask("comment", { board: opened.id, text: field.value }));
    return [make("section", "board-comments", make("h3", "", "Comments"), make("ul", "", ...items),
      make("div", "board-saying", field, say))];
  }

  function show(data) {
    const holder = document.getElementById("boards-shown");
    const root = document.getElementById("analysis");
    setAttribute(root, "data-mode", data.isEdited ? "edit" : "read");
    // What somebody is writing is not taken out of their hands by a sale that came in.
    const seen = JSON.stringify([data.opened, data.all, data.isEdited]);
    if (holder.dataset.seen === seen) return;
    holder.dataset.seen = seen;
    note = make("p", "save-note");
    note.setAttribute("role", "status");
    const missing = data.isMissing ? [make("p", "note note-bad", "There is no such board for you.")] : [];
    const opened = data.opened
      ? [headOf(data), ...(data.isEdited ? [shelfcast.composing.form(data, { ask, button, go })] : []), ...commentsOf(data)]
      : [];
    holder.replaceChildren(listOf(data), make("div", "board-opened", note, ...noneYet(data), ...missing, ...opened));
  }

  function done({ error, what, board }) {
    if (error) return note && setText(note, error);
    if (what === "delete") return go({ board: "", mode: "", version: "" });
    const edits = what === "save" ? { mode: "edit" } : what === "publish" ? { mode: "", version: "" } : {};
    const part = new URLSearchParams({ board: board.id, ...edits });
    if (withPart(window.location.search, part) === window.location.search)
      shelfcast.controls.actions["ask-again"]();
    else go(part);
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, boards: { show } };
  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    boards: {
      done(answer) {
        if (answer) done(answer);
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
