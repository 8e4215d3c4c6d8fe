// Buttons that belong to no single panel. One listener for all: pages come and go, it stays.
(() => {
  if (typeof document === "undefined") return;
  const { setAttribute } = shelfcast.panels;

  function toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  // On a phone the navigation lies behind a button.
  function toggleMenu(button, isOpen = button.getAttribute("aria-expanded") !== "true") {
    setAttribute(button, "aria-expanded", String(isOpen));
    button.closest(".rail").classList.toggle("is-open", isOpen);
  }

  function closeMenu() {
    const button = document.querySelector(".rail-toggle[aria-expanded=true]");
    if (button) toggleMenu(button, false);
    return button;
  }

  const actions = {
    menu: (button) => toggleMenu(button),
    theme: () => shelfcast.theme.toggle(),
    fullscreen: toggleFullscreen,
    "sign-out": (button) => shelfcast.session.signOut(button),
  };

  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.("[data-action]");
    actions[button?.dataset.action]?.(button);
    if (target.closest?.(".rail-link") || !target.closest?.(".rail")) closeMenu();
  });

  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") closeMenu()?.focus();
  });

  document.addEventListener("fullscreenchange", () => {
    const isFull = Boolean(document.fullscreenElement);
    document.documentElement.dataset.fullscreen = String(isFull);
    for (const button of document.querySelectorAll("[data-action=fullscreen]"))
      setAttribute(button, "aria-pressed", String(isFull));
  });

  globalThis.shelfcast = { ...globalThis.shelfcast, controls: { actions } };
})();
