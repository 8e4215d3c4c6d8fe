// Where a pivot is named, shared and kept; what is open is named by `pivot` in the address.
(() => {
  if (typeof document === "undefined") return;
  const { make, setText } = shelfcast.panels;
  const MOST_NAME = 120;

  function button(label, className, press) {
    const element = make("button", `button ${className}`, label);
    element.type = "button";
    element.addEventListener("click", press);
    return element;
  }

  function form(root, config) {
    if (!root) return null;
    const { labelled, select } = shelfcast.filters;
    let kept = [];
    const name = make("input", "view-select");
    name.name = "pivot-name";
    name.maxLength = MOST_NAME;
    name.placeholder = "Sales by region";
    const sharing = select("sharing", config.sharing, () => paintRoles());
    const boxes = Object.entries(config.roles).map(([role, label]) => {
      const box = make("input");
      box.type = "checkbox";
      box.value = role;
      return make("label", "filter-box", box, make("span", "", label));
    });
    const roles = make("fieldset", "filter-group", make("legend", "", "Roles"), make("div", "filter-boxes", ...boxes));
    const note = make("p", "save-note");
    note.setAttribute("role", "status");
    const change = button("Save", "", () => save(opened()));
    const add = button("Save as new", "quiet", () => save(null));
    const remove = button("Delete", "quiet", erase);
    root.replaceChildren(
      make("div", "view-fields", labelled("Name", name), labelled("For", sharing)), roles,
      make("div", "head-buttons", change, add, remove), note,
    );

    const openedId = () => new URLSearchParams(window.location.search).get("pivot");
    const opened = () => kept.find(({ id, isMineToChange }) => id === openedId() && isMineToChange) ?? null;
    const paintRoles = () => (roles.hidden = sharing.value !== "ROLES");
    const tell = (data) => globalThis.dash_clientside.set_props("pivot-asked", { data: { at: Date.now(), ...data } });

    function save(over) {
      const ticked = boxes.map((box) => box.firstChild).filter(({ checked }) => checked);
      if (!name.value.trim()) return setText(note, "Give it a name first.");
      setText(note, "Saving …");
      tell({
        search: window.location.search,
        name: name.value,
        sharing: sharing.value,
        roles: ticked.map(({ value }) => value),
        id: over?.id ?? null,
        version: over?.version ?? null,
      });
    }

    function erase() {
      setText(note, "Deleting …");
      tell({ delete: true, id: opened().id });
    }

    function fill() {
      const open = kept.find(({ id }) => id === openedId());
      change.hidden = remove.hidden = !opened();
      if (root.dataset.open === (open?.id ?? "")) return;
      root.dataset.open = open?.id ?? "";
      name.value = open?.name ?? "";
      sharing.value = open?.sharing ?? "PRIVATE";
      for (const box of boxes) box.firstChild.checked = open?.roles.includes(box.firstChild.value) ?? false;
      paintRoles();
    }

    function answered({ error, saved, deleted }) {
      setText(note, error ?? (deleted ? "Deleted." : "Saved."));
      if (error) return;
      const part = new URLSearchParams({ pivot: saved?.id ?? "" });
      const search = shelfcast.view.withPart(window.location.search, part);
      if (search === window.location.search) shelfcast.controls.actions["ask-again"]();
      else shelfcast.controls.actions.drill({ dataset: { part: part.toString() } });
    }

    fill();
    paintRoles();
    return {
      answered,
      offer(latest) {
        kept = latest;
        fill();
      },
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, keeping: { form } };
})();
