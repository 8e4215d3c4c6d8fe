// Gathers what arrives and applies it once per animation frame.
(() => {
  const MOST_LEVELS = 2_000;
  const MOST_ITEMS = 2_000;
  const HIDDEN_WAIT_MS = 250;

  // A hidden page gets no animation frames, yet its figures must not fall behind without end.
  function nextFrame(run) {
    if (document.hidden) setTimeout(run, HIDDEN_WAIT_MS);
    else requestAnimationFrame(run);
  }

  function frames(apply, { schedule = nextFrame } = {}) {
    let pulse = null;
    let levels = new Map();
    let items = [];
    let isAsked = false;

    function run() {
      isAsked = false;
      const batch = { pulse, levels: [...levels.values()], items };
      pulse = null;
      levels = new Map();
      items = [];
      apply(batch);
    }

    function ask() {
      if (isAsked) return;
      isAsked = true;
      schedule(run);
    }

    return {
      pulse(latest) {
        pulse = latest;
        ask();
      },
      level(level) {
        const waiting = levels.get(level.id);
        if (!waiting || Number(level.version) >= Number(waiting.version)) {
          levels.delete(level.id);
          levels.set(level.id, level);
        }
        // The oldest row goes: it is one of thousands, and the next look at the stock brings it.
        if (levels.size > MOST_LEVELS) levels.delete(levels.keys().next().value);
        ask();
      },
      // Returns false when it is full: the caller then starts from a new snapshot.
      item(item) {
        if (items.length >= MOST_ITEMS) {
          items = [];
          return false;
        }
        items.push(item);
        ask();
        return true;
      },
    };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, frames: { MOST_ITEMS, MOST_LEVELS, frames } };
})();
