// The page of boards around the panels of the opened one: list, head, comments beside the blocks.
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

  let written = null;
  const dayOf = (instant) => (instant ? written.date(Date.parse(instant)) : "");

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
      return `“${title}” (${count} ${count === 1 ? "day" : "days"}, latest ${written.dayName(restatedDays[0])})`;
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

  function comment({ id, text, block, number, authorName, madeAt, isMine }, isBeside) {
    const about = block && !isBeside ? ` · about “${block}” in version ${number}` : "";
    return make("li", "board-comment",
      make("p", "", text),
      make("span", "board-by", `${authorName ?? "Somebody"} · ${dayOf(madeAt)}${about}`),
      ...(isMine ? [button("Take back", () => ask("unsay", { id }), "link-button")] : []));
  }

  // Comments on a block, or on the whole board; what somebody opened or is typing stays.
  function commentsIn(holder, { board, block, title, comments }) {
    const field = holder.querySelector("textarea") ?? make("textarea", "view-select board-say");
    const isTyping = field === document.activeElement;
    const isOpen = holder.querySelector("details")?.open;
    Object.assign(field, { maxLength: 2_000, rows: 2 });
    field.setAttribute("aria-label", title ? `Comment on “${title}”` : "Comment");
    const say = button("Comment", () => {
      if (!field.value.trim()) return;
      ask("comment", { board, text: field.value, ...(title ? { block } : {}) });
      field.value = "";
    });
    const count = comments.length ? ` (${comments.length})` : "";
    const list = [make("ul", "", ...comments.map((one) => comment(one, Boolean(title)))),
      make("div", "board-saying", field, say)];
    if (title) {
      const details = make("details", "", make("summary", "", `Comments${count}`), ...list);
      details.open = isOpen || comments.length > 0;
      holder.replaceChildren(details);
    } else holder.replaceChildren(make("h3", "", "Comments on the board"), ...list);
    if (isTyping) field.focus({ preventScroll: true });
  }

  function place(parent, className) {
    const own = parent.querySelector(`:scope > .${className}`);
    if (own) return own;
    const made = make("section", `board-comments ${className}`);
    parent.append(made);
    return made;
  }

  // Below each block what is said about it, below all blocks what is said about the board.
  function showComments({ opened, isEdited }) {
    const grid = document.querySelector("#analysis .analysis-grid");
    for (const old of grid.querySelectorAll(".board-comments")) old.hidden = true;
    if (isEdited || !opened?.published) return;
    const { blocks, number } = opened.published;
    const titles = blocks.map(({ title }) => title);
    const isLatest = number === opened.publishedNumber;
    const besides = (at) => (one) => one.block === titles[at] && titles.indexOf(one.block) === at;
    titles.forEach((title, at) => {
      const body = document.querySelector(`#panel-b${at} .panel-body`);
      const comments = opened.comments.filter(besides(at));
      // A comment names a block of the latest version: on older ones there is nothing to add.
      if (!body || !(isLatest || comments.length)) return;
      const holder = place(body, "of-block");
      holder.hidden = false;
      commentsIn(holder, { board: opened.id, block: at, title, comments });
    });
    const holder = place(grid, "of-board");
    holder.hidden = false;
    const rest = opened.comments.filter(({ block }) => !titles.includes(block));
    commentsIn(holder, { board: opened.id, comments: rest });
  }

  // Others may change what is being edited here: it is not taken away, but it cannot be saved.
  function isWritten(holder, { opened, isEdited }) {
    const key = isEdited && opened ? `${opened.id} ${opened.version}` : "";
    const [id, version] = (holder.dataset.edited ?? "").split(" ");
    const isSame = key !== "" && id === opened.id && holder.querySelector(".board-form");
    if (isSame && version !== String(opened.version))
      setText(note, "Somebody else saved this board meanwhile: saving yours will be refused. Done shows theirs.");
    if (!isSame) holder.dataset.edited = key;
    return Boolean(isSame);
  }

  function show(data, formats) {
    written = formats;
    const holder = document.getElementById("boards-shown");
    const root = document.getElementById("analysis");
    setAttribute(root, "data-mode", data.isEdited ? "edit" : "read");
    // What somebody is writing is not taken out of their hands by a sale that came in.
    const seen = JSON.stringify([data.opened, data.all, data.isEdited]);
    if (holder.dataset.seen === seen) return;
    holder.dataset.seen = seen;
    if (isWritten(holder, data)) return;
    note = make("p", "save-note");
    note.setAttribute("role", "status");
    const missing = data.isMissing ? [make("p", "note note-bad", "There is no such board for you.")] : [];
    const opened = data.opened
      ? [headOf(data), ...(data.isEdited ? [shelfcast.composing.form(data, { ask, button, go })] : [])]
      : [];
    holder.replaceChildren(listOf(data), make("div", "board-opened", note, ...noneYet(data), ...missing, ...opened));
    showComments(data);
  }

  function done({ error, what, board }) {
    if (error) return note && setText(note, error);
    // What was saved here is no change by somebody else.
    const holder = document.getElementById("boards-shown");
    if (what === "save") {
      delete holder.dataset.edited;
      delete holder.dataset.seen;
    }
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
