// Dialogs of actions: opened and closed as the server says, usable with the keyboard alone.
(() => {
  if (typeof document === "undefined") return;
  const { actions } = shelfcast.controls;
  const COPIED_MS = 2_000;
  const FIRST = ["input:not([type=hidden])", "select", "textarea", "button"]
    .map((field) => `${field}:not([disabled])`).join();

  const dialog = () => document.querySelector("dialog.dialog");

  // Tells the server's callbacks what was pressed; the page is in their ids.
  function tell(part, { dataset }) {
    const page = document.querySelector("[data-page]").dataset.page;
    const data = { action: dataset.ask, key: dataset.key, at: Date.now() };
    globalThis.dash_clientside.set_props({ part, page }, { data });
  }

  // Nothing is done twice: until the answer is there, the dialog takes no further presses.
  function confirm(button) {
    if (dialog().getAttribute("aria-busy") === "true") return;
    dialog().setAttribute("aria-busy", "true");
    dialog().querySelector(".dialog-notes").replaceChildren();
    tell("confirmed", button);
  }

  function showMistake(text) {
    const line = document.createElement("p");
    line.className = "note note-bad";
    line.setAttribute("role", "alert");
    line.textContent = text;
    dialog().querySelector(".dialog-notes")?.replaceChildren(line);
  }

  // What would change, line by line; a reader hears it as it comes.
  function showPreview(text) {
    const block = document.createElement("pre");
    block.className = "diff";
    block.tabIndex = 0;
    block.setAttribute("role", "status");
    for (const content of text.split("\n")) {
      const line = document.createElement("span");
      line.dataset.sign = content[0] ?? "";
      line.textContent = `${content}\n`;
      block.append(line);
    }
    dialog().querySelector(".dialog-notes")?.replaceChildren(block);
  }

  function show({ isOpen, mistake, preview, leadsTo, faults }) {
    const box = dialog();
    box.removeAttribute("aria-busy");
    if (leadsTo) {
      window.location.assign(leadsTo);
    } else if (!isOpen) {
      box.close();
    } else {
      box.setAttribute("aria-labelledby", "dialog-title");
      if (!box.open) {
        box.showModal();
        // Left to itself, a browser may take the part that scrolls instead.
        box.querySelector(FIRST)?.focus();
      }
      if (mistake) showMistake(mistake);
      if (faults?.length) document.dispatchEvent(new CustomEvent("shelfcast:faults", { detail: faults }));
      if (preview) showPreview(preview);
    }
    return globalThis.dash_clientside.no_update;
  }

  async function copy(button) {
    const code = button.closest(".secret").querySelector("code");
    const label = button.querySelector("span:last-child");
    try {
      await navigator.clipboard.writeText(code.textContent);
      label.textContent = "Copied";
    } catch {
      // Without the clipboard (plain HTTP from elsewhere) the text is marked, ready for the keys.
      window.getSelection().selectAllChildren(code);
      label.textContent = "Marked";
    }
    setTimeout(() => {
      label.textContent = "Copy";
    }, COPIED_MS);
  }

  Object.assign(actions, {
    ask: (button) => tell("asked", button),
    confirm,
    copy,
    narrow: ({ dataset }) => {
      const { page } = document.querySelector("[data-page]").dataset;
      const id = { part: "filter", page, name: dataset.filter };
      globalThis.dash_clientside.set_props(id, { value: dataset.value });
    },
    "close-dialog": () => dialog().close(),
  });

  // What was shown once, and what was typed, is gone with the dialog, however it was closed.
  document.addEventListener(
    "close",
    ({ target }) => {
      const page = target.closest?.("[data-page]")?.dataset.page;
      if (!page || !target.matches("dialog.dialog")) return;
      globalThis.dash_clientside.set_props({ part: "dialog", page }, { children: [] });
    },
    true,
  );

  document.addEventListener("keydown", (event) => {
    // Enter on a box or a choice is Dash's way to tick it.
    const isLine = event.target.matches?.("dialog.dialog input:not([type=radio],[type=checkbox])");
    if (event.key !== "Enter" || !isLine) return;
    event.preventDefault();
    dialog().querySelector(".confirm")?.click();
  });

  globalThis.dash_clientside = {
    ...globalThis.dash_clientside,
    dialogs: { show },
    session: {
      markPlace: (path) => {
        shelfcast.session.markPlace(path);
        return globalThis.dash_clientside.no_update;
      },
      signInAgain: (isOver) => {
        if (isOver) shelfcast.session.signIn();
        return globalThis.dash_clientside.no_update;
      },
    },
  };
})();
