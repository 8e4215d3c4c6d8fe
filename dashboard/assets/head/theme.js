// Sets light or dark before the first paint. A wall is dark unless its viewer or device says light.
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

  const followDevice = () => show(remembered() ?? (prefersLight.matches ? "light" : "dark"));
  prefersLight.addEventListener("change", followDevice);
  followDevice();
  globalThis.shelfcast = { ...globalThis.shelfcast, theme: { current, toggle } };
})();
