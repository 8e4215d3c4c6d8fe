// Figures, times and ages as people read them, in the organisation's currency and time zone.
(() => {
  const MINUTE = 60_000;
  const HOUR = 60 * MINUTE;
  const DAY = 24 * HOUR;
  const NOT_KNOWN = "–";

  // "+00:00" style zones and misspelt ones must not stop the wall: UTC is always understood.
  function knownZone(timezone) {
    try {
      new Intl.DateTimeFormat("en", { timeZone: timezone });
      return timezone;
    } catch {
      return "UTC";
    }
  }

  function ageText(ms) {
    if (ms < 10_000) return `${(Math.max(0, ms) / 1000).toFixed(1)} s`;
    if (ms < MINUTE) return `${Math.floor(ms / 1000)} s`;
    if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
    if (ms < DAY) return `${Math.floor(ms / HOUR)} h`;
    return `${Math.floor(ms / DAY)} d`;
  }

  // Ages in lists need no tenths: they would only flicker.
  function roundAgeText(ms) {
    return ms < 10_000 ? `${Math.max(0, Math.floor(ms / 1000))} s` : ageText(ms);
  }

  // A decimal arrives as a string; null stays null, because "not known" is not zero.
  function toNumber(decimal) {
    return decimal === null || decimal === undefined ? null : Number(decimal);
  }

  // A change as a part of what was; ten times and more are easier to grasp than their percentage.
  function growth(value, before, formats) {
    const part = Math.abs(value - before) / Math.abs(before);
    if (part < 10 || value < 0 || before < 0) return formats.percent(part);
    return `×${formats.quantity(Math.round((value / before) * 10) / 10)}`;
  }

  // A change and its direction; of a percentage in points, else nobody knows of what it is a part.
  function change({ unit, value, before }, formats) {
    const mark = value > before ? "▲" : value < before ? "▼" : "=";
    if (value === before) return mark;
    const by = Math.abs(value - before);
    if (unit === "percent") return `${mark} ${formats.quantity(Math.round(by * 1_000) / 10)} pts`;
    return before ? `${mark} ${growth(value, before, formats)}` : mark;
  }

  function formatsFor({ currency, timezone, locale }) {
    const timeZone = knownZone(timezone);
    const number = (options) => new Intl.NumberFormat(locale, options);
    const date = (options) => new Intl.DateTimeFormat(locale, { timeZone, ...options });
    // A minus is as wide as a plus; what Intl writes is a hyphen.
    const orDash = (format) => (value) =>
      value === null || value === undefined ? NOT_KNOWN : format.format(value).replace(/^-/, "−");
    // A thousand is a k, as on the axes of charts.
    const orDashShort = (format) => (value) => orDash(format)(value).replace(/(?<=\d)K/, "k");

    const money = { style: "currency", currency };
    const whole = number({ ...money, maximumFractionDigits: 0 });
    const exact = number(money);
    const short = number({ ...money, notation: "compact", maximumSignificantDigits: 3 });
    // Nobody writes $19.1: small amounts have no cents, or both of their digits.
    const hasCents = (value) => Math.abs(value) < 100 && !Number.isInteger(value);
    const seconds = date({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
    const minutes = date({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const weekday = date({ weekday: "short", day: "numeric", month: "short" });
    const medium = date({ dateStyle: "medium" });
    const zone = date({ timeZoneName: "short" });
    const compact = number({ notation: "compact", maximumSignificantDigits: 3 });
    // A business day is a date and no instant: it is the same day wherever it is read.
    const calendar = new Intl.DateTimeFormat(locale, { timeZone: "UTC", dateStyle: "medium" });
    const symbol = number({ ...money, currencyDisplay: "narrowSymbol" })
      .formatToParts(0)
      .find(({ type }) => type === "currency")?.value;

    const moneyOf = new Map([[currency, exact]]);
    function moneyIn(value, other) {
      if (!moneyOf.has(other)) moneyOf.set(other, number({ style: "currency", currency: other }));
      return moneyOf.get(other).format(value).replace(/^-/, "−");
    }

    return {
      currency,
      timezone: timeZone,
      moneyWhole: orDash(whole),
      moneyExact: orDash(exact),
      moneyShort: (value) => (hasCents(value) ? orDash(exact) : orDashShort(short))(value),
      moneyIn,
      count: orDash(number({ maximumFractionDigits: 0 })),
      quantity: orDash(number({ maximumFractionDigits: 3 })),
      percent: orDash(number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 })),
      short: orDashShort(compact),
      symbol: symbol ?? currency,
      dayName: (day) => (day ? calendar.format(Date.parse(day)) : NOT_KNOWN),
      second: (ms) => seconds.format(ms),
      minute: (ms) => minutes.format(ms),
      day: (ms) => weekday.format(ms),
      date: (ms) => medium.format(ms),
      zoneName: (ms) =>
        zone.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "UTC",
    };
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    formats: { DAY, NOT_KNOWN, ageText, change, formatsFor, growth, knownZone, roundAgeText, toNumber },
  };
})();
