// The sign-in of this page: sends the browser to sign in when it is over, and signs out.
(() => {
  const CSRF_HEADER = "X-CSRFToken";
  const CSRF_COOKIE = /(?:^|; )(?:__Host-)?shelfcast_csrf(?:_(\d+))?=([^;]*)/g;

  // Where the backend still knows the browser, this comes back without a question.
  function signIn() {
    const { pathname, search } = window.location;
    window.location.assign(`/login?${new URLSearchParams({ next: pathname + search })}`);
  }

  // Cookies do not tell ports apart, so the names of plain HTTP do.
  function csrfToken(cookies, port) {
    for (const [, named, value] of cookies.matchAll(CSRF_COOKIE))
      if (named === undefined || named === (port || "80")) return value;
    return "";
  }

  async function post(path) {
    const response = await fetch(path, {
      method: "POST",
      headers: { [CSRF_HEADER]: csrfToken(document.cookie, window.location.port) },
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status === 401) return "/signed-out";
    if (!response.ok) throw new Error(`STATUS_${response.status}`);
    return (await response.json()).location;
  }

  async function signOut(button) {
    const note = document.getElementById("account-note");
    button.disabled = true;
    try {
      window.location.assign(await post(button.dataset.path));
    } catch {
      note.hidden = false;
      button.disabled = false;
    }
  }

  // Which of the links of the navigation leads to where one is.
  function markPlace(path) {
    for (const link of document.querySelectorAll(".rail-link")) {
      if (link.pathname === path) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  // Dash has no word for an answer that says "sign in first"; without one its pages stay blank.
  function watchCallbacks() {
    const ask = window.fetch;
    window.fetch = async (...request) => {
      const response = await ask(...request);
      const path = new URL(response.url || "/", window.location.href).pathname;
      if (response.status === 401 && path.startsWith("/_dash-")) signIn();
      return response;
    };
  }

  if (typeof document !== "undefined") watchCallbacks();
  globalThis.shelfcast = { ...globalThis.shelfcast, session: { csrfToken, markPlace, signIn, signOut } };
})();
