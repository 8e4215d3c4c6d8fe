// The download of everything: says how far it is, and why not.
(() => {
  if (typeof document === "undefined") return;
  const FILE_NAME = "shelfcast-export.zip";
  const REASONS = {
    OWNERS_ONLY: "Only an owner exports the organisation.",
    SIGNED_OUT: "You were signed out.",
  };

  async function fetchArchive(onProgress) {
    const response = await fetch("/live/export", { headers: { "X-Shelfcast-Page": "1" } });
    if (!response.ok) {
      const { code } = await response.json();
      throw new Error(REASONS[code] ?? "The backend cannot be reached. Try again.");
    }
    const parts = [];
    let size = 0;
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts, { type: "application/zip" });
      parts.push(value);
      size += value.length;
      onProgress(size);
    }
  }

  function save(archive) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(archive);
    link.download = FILE_NAME;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  const notes = (button) => button.closest("[data-page]").querySelector(".notes");

  // What Dash wrote there stays: it would miss it when it writes again.
  function say(button, text) {
    const line = document.createElement("p");
    line.className = "note note-bad export-note";
    line.setAttribute("role", "alert");
    line.textContent = text;
    notes(button).append(line);
  }

  shelfcast.controls.actions.export = async (button) => {
    const label = button.querySelector("span");
    button.disabled = true;
    label.textContent = "Exporting…";
    notes(button).querySelector(".export-note")?.remove();
    try {
      save(await fetchArchive((size) => {
        label.textContent = `${(size / 1e6).toFixed(1)} MB…`;
      }));
    } catch (error) {
      say(button, error instanceof TypeError ? "The export broke off. Try again." : error.message);
    }
    button.disabled = false;
    label.textContent = "Export";
  };
})();
