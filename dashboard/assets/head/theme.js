// Sets light or dark before the first paint: what was chosen here, else dark for the wall, whose
// device rarely says what it prefers, else what the device prefers.
(() => {
  const KEY = "shelfcast.theme";
  const prefersLight = window.matchMedia("(prefers-color-scheme: light)");

  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null; // storage may be forbidden: the theme then lasts as long as the page
    }
  }

  function show(theme) {
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("shelfcast:theme", { detail: theme }));
  }

  function current() {
    return document.documentElement.dataset.theme;
  }

  function toggle() {
    const theme = current() === "light" ? "dark" : "light";
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // see above
    }
    show(theme);
  }

  function preferred() {
    const isWall = window.location.pathname === "/";
    return !isWall && prefersLight.matches ? "light" : "dark";
  }

  const showDefault = () => show(remembered() ?? preferred());
  prefersLight.addEventListener("change", showDefault);
  showDefault();
  globalThis.shelfcast = { ...globalThis.shelfcast, theme: { current, toggle } };
})();
