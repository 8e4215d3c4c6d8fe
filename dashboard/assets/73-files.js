// Fields of dialogs that take a file: its content becomes the field's answer, in base64.
(() => {
  if (typeof document === "undefined") return;
  const { make, setText } = shelfcast.panels;
  const AT_ONCE = 32_768;

  async function base64(file) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let start = 0; start < bytes.length; start += AT_ONCE)
      text += String.fromCharCode(...bytes.subarray(start, start + AT_ONCE));
    return btoa(text);
  }

  function draw(holder) {
    const { id, label, accept, most } = JSON.parse(holder.dataset.file);
    const answer = (value) => globalThis.dash_clientside.set_props(id, { value });
    const input = Object.assign(make("input", "file-input"), { type: "file", accept });
    const said = make("p", "field-hint", `At most ${most / 1000} kB.`);
    input.addEventListener("change", async () => {
      const [file] = input.files;
      answer("");
      if (!file) return;
      if (file.size > most) return setText(said, `This file is larger than ${most / 1000} kB.`);
      answer(await base64(file));
      setText(said, `${file.name}, ${Math.max(1, Math.round(file.size / 1000))} kB`);
    });
    holder.replaceChildren(make("label", "field", make("span", "field-label", label), input), said);
  }

  // Dialogs are made by Dash, whenever it likes.
  new MutationObserver(() => {
    for (const holder of document.querySelectorAll("dialog .file-field:empty")) draw(holder);
  }).observe(document.documentElement, { subtree: true, childList: true });
})();
