// The goals of the organisation on the wall: a meter for each period that is on, short ones first.
(() => {
  const MOST = 3;
  const STALE_MS = 90_000;
  const KEY = "shelfcast.wall-goals";
  const FULL = 1.25;
  const ORDER = ["MONTH", "FISCAL_MONTH", "QUARTER", "FISCAL_QUARTER", "YEAR", "FISCAL_YEAR"];
  const WORDS = {
    REACHED: ["reached", "check"], ON_TRACK: ["on track", "trend"], AT_RISK: ["at risk", "alert"],
    MISSED: ["missed", "alert-octagon"], TOO_EARLY: ["too early to say", "clock"], NOT_STARTED: ["not begun", "clock"],
  };

  const MONTH = new Intl.DateTimeFormat("en", { month: "short", year: "numeric", timeZone: "UTC" });

  // Returns a period as people say it; those of business years keep their code.
  function periodName(code) {
    const [, year, quarter, month] = /^(\d{4})-(?:Q(\d)|(\d{2}))$/.exec(code) ?? [];
    if (quarter) return `Q${quarter} ${year}`;
    return month ? MONTH.format(Date.UTC(Number(year), Number(month) - 1)) : code;
  }

  const place = (share) => `${(Math.min(Math.max(share, 0), FULL) / FULL) * 100}%`;

  function shown(rows) {
    return [...rows]
      .sort((one, other) => ORDER.indexOf(one.goal.kind) - ORDER.indexOf(other.goal.kind))
      .slice(0, MOST);
  }

  function told({ goal, share, attained, landingShare, probability, standing }, formats) {
    const percent = (value) => `${Math.round(Number(value) * 100)}%`;
    const lands = landingShare !== null && ["ON_TRACK", "AT_RISK"].includes(standing)
      ? `, lands at ${percent(landingShare)}` : "";
    const chance = lands && probability !== null && probability !== undefined
      ? `, ${percent(Math.min(Math.max(Number(probability), 0.01), 0.99))} likely` : "";
    const money = `${formats.moneyShort(Number(attained))} of ${formats.moneyShort(Number(goal.amount))}`;
    return { name: periodName(goal.period), figure: percent(share), money, words: `${WORDS[standing][0]}${lands}${chance}` };
  }

  globalThis.shelfcast = { ...globalThis.shelfcast, wallGoals: { place, shown, told } };
  if (typeof document === "undefined") return;
  const { icon, make, setAttribute } = shelfcast.panels;

  function meter(row, formats) {
    const { name, figure, money, words } = told(row, formats);
    const bar = make("span", "goal-bar");
    bar.style.width = place(Number(row.share));
    const line = make("i", "goal-line");
    line.style.left = place(1);
    const track = make("div", "goal-meter", bar, line);
    track.setAttribute("role", "meter");
    track.setAttribute("aria-label", `Goal ${name}`);
    track.setAttribute("aria-valuemin", "0");
    track.setAttribute("aria-valuemax", "125");
    track.setAttribute("aria-valuenow", String(Math.round(Math.min(Number(row.share), FULL) * 100)));
    track.setAttribute("aria-valuetext", `${figure}: ${money}, ${words}`);
    const text = make("p", "", icon(WORDS[row.standing][1]), make("b", "", name), make("b", "", figure), make("span", "goal-money", `${money},`), make("span", "goal-words", words));
    const element = make("div", "wall-goal", text, track);
    element.dataset.standing = row.standing.toLowerCase();
    return element;
  }

  // How many goals were shown here last: for so many there is room before they come.
  function remembered() {
    try {
      return Number(localStorage.getItem(KEY) ?? MOST);
    } catch {
      return MOST; // storage may be forbidden
    }
  }

  function remember(count) {
    try {
      localStorage.setItem(KEY, count);
    } catch {
      // see above
    }
  }

  function wallGoals(wall) {
    const holder = document.getElementById("wall-goals");
    let asOf = null;
    let seen = null;
    let isAsking = false;
    fill([...holder.children].slice(0, remembered()));

    function fill(goals) {
      holder.replaceChildren(...goals);
      holder.hidden = goals.length === 0;
      setAttribute(holder, "data-state", "known");
    }

    async function load(connection) {
      if (isAsking || !wall.formats()) return;
      isAsking = true;
      let report = null;
      try {
        ({ goalProgress: report } = await connection.query({ query: wall.config.documents.goals }));
      } catch {
        // What is shown grows old and says so; the next round asks again.
      } finally {
        isAsking = false;
      }
      if (report) show(report);
    }

    function show({ asOf: at, rows }) {
      asOf = Date.parse(at);
      fill(shown(rows).map((row) => meter(row, wall.formats())));
      remember(holder.children.length);
    }

    // Asks again when revenue moved since the last look.
    function look(connection, revenue) {
      if (revenue === seen) return;
      seen = revenue;
      load(connection);
    }

    function paint() {
      if (asOf !== null)
        setAttribute(holder, "data-stale", String(!wall.isConnected() || wall.serverNow() - asOf > STALE_MS));
    }

    return { load, look, paint };
  }

  globalThis.shelfcast.wallGoals = { ...globalThis.shelfcast.wallGoals, wallGoals };
})();
