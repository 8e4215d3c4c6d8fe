// Buttons that belong to no single panel. One listener for all: pages come and go, it stays.
(() => {
  if (typeof document === "undefined") return;
  const { setAttribute } = shelfcast.panels;

  function toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  const actions = {
    theme: () => shelfcast.theme.toggle(),
    fullscreen: toggleFullscreen,
    "sign-out": (button) => shelfcast.session.signOut(button),
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-action]");
    actions[button?.dataset.action]?.(button);
  });

  document.addEventListener("fullscreenchange", () => {
    const isFull = Boolean(document.fullscreenElement);
    document.documentElement.dataset.fullscreen = String(isFull);
    for (const button of document.querySelectorAll("[data-action=fullscreen]"))
      setAttribute(button, "aria-pressed", String(isFull));
  });

  globalThis.shelfcast = { ...globalThis.shelfcast, controls: { actions } };
})();
