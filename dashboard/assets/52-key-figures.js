// The four key figures: value, comparison with a week before, and a picture of what is known.
(() => {
  const { toNumber, DAY } = shelfcast.formats;
  const { make, setText, setAttribute, shape } = shelfcast.panels;
  const MINUTE_MS = 60_000;

  // One number per minute for the last `count` minutes; a minute without a row sold nothing.
  function perMinute(minutes, asOfMs, count = 60) {
    const last = Math.floor(asOfMs / MINUTE_MS);
    const slots = Array.from({ length: count }, () => ({ revenue: 0, orders: 0 }));
    for (const row of minutes) {
      const slot = slots[count - 1 - (last - Math.floor(Date.parse(row.minute) / MINUTE_MS))];
      if (!slot) continue;
      slot.revenue += Number(row.revenue);
      slot.orders += row.orders;
    }
    return slots;
  }

  // What a comparison says: a share where there is a base, a difference where there is none.
  function comparison({ value, before }, formats, { isCount = false } = {}) {
    if (value === null || before === null) return { text: "", direction: "unknown" };
    const change = value - before;
    const direction = change > 0 ? "up" : change < 0 ? "down" : "same";
    const sign = { up: "▲", down: "▼", same: "=" }[direction];
    if (isCount || before === 0) {
      const amount = isCount ? formats.count(Math.abs(change)) : formats.moneyShort(Math.abs(change));
      return { text: change === 0 ? "= unchanged" : `${sign} ${amount}`, direction };
    }
    return { text: `${sign} ${shelfcast.formats.growth(value, before, formats)}`, direction };
  }

  function path(values, width, height) {
    const top = Math.max(...values, 0) || 1;
    const step = width / (values.length - 1);
    return values
      .map((value, at) => `${at ? "L" : "M"}${(at * step).toFixed(1)} ${(height - (value / top) * (height - 3) - 1.5).toFixed(1)}`)
      .join("");
  }

  // The last point is the minute still running, so the line ends at the last whole one.
  function drawSparkline(holder, values) {
    const whole = values.slice(0, -1);
    if (!holder.firstChild) {
      const parts = ["spark-area", "spark-line"].map((part) => shape("path", { class: part }));
      const svg = shape("svg", { viewBox: "0 0 160 48", preserveAspectRatio: "none" }, ...parts);
      holder.replaceChildren(svg, make("span", "picture-note", "last hour, per minute"));
    }
    const line = path(whole, 160, 48);
    const [area, stroke] = holder.querySelectorAll("path");
    setAttribute(area, "d", `${line}L160 48L0 48Z`);
    setAttribute(stroke, "d", line);
  }

  function drawSeverities(holder, critical, warning) {
    if (!holder.firstChild) {
      holder.append(
        make("div", "severity-bar", make("i", "is-critical"), make("i", "is-warning")),
        make("p", "severity-text", make("span", "is-critical"), make("span", "is-warning")),
      );
    }
    const total = Math.max(1, critical + warning);
    const [barCritical, barWarning] = holder.querySelectorAll("i");
    barCritical.style.flexGrow = String(critical / total);
    barWarning.style.flexGrow = String(warning / total);
    const [textCritical, textWarning] = holder.querySelectorAll("p span");
    setText(textCritical, `${critical} critical`);
    setText(textWarning, `${warning} warning`);
  }

  function showFigure(panel, { text, compared, before, beforeDay, isGoodUp }) {
    setText(panel.querySelector(".figure-value"), text);
    const delta = panel.querySelector(".delta");
    setText(delta, compared.text);
    const mood = { up: isGoodUp ? "good" : "bad", down: isGoodUp ? "bad" : "good" };
    setAttribute(delta, "data-mood", mood[compared.direction] ?? "none");
    setText(panel.querySelector(".before"), before);
    setText(panel.querySelector(".before-day"), beforeDay);
  }

  function figures(pulse) {
    const pair = ({ value, before }) => ({ value: toNumber(value), before: toNumber(before) });
    return {
      revenue: pair(pulse.revenue),
      orders: pair(pulse.orders),
      basket: pair(pulse.averageBasket),
      "open-alerts": pair(pulse.openAlerts),
    };
  }

  function apply(panels, pulse, formats) {
    const asOf = Date.parse(pulse.asOf);
    const shown = figures(pulse);
    const slots = perMinute(pulse.minutes, asOf);
    const weekAgo = formats.day(asOf - 7 * DAY);
    const words = {
      revenue: { write: formats.moneyWhole, isGoodUp: true },
      orders: { write: formats.count, isGoodUp: true },
      basket: { write: formats.moneyExact, isGoodUp: true },
      "open-alerts": { write: formats.count, isGoodUp: false, isCount: true },
    };
    for (const [key, { write, isGoodUp, isCount }] of Object.entries(words)) {
      const figure = shown[key];
      const isKnown = figure.before !== null;
      showFigure(panels.element(key), {
        text: write(figure.value),
        compared: comparison(figure, formats, { isCount }),
        before: isKnown ? `vs ${write(figure.before)}` : "no comparison",
        beforeDay: isKnown ? weekAgo : "",
        isGoodUp,
      });
      panels.show(key, "live");
    }
    const picture = (key) => panels.element(key).querySelector(".figure-picture");
    drawSparkline(picture("revenue"), slots.map(({ revenue }) => revenue));
    drawSparkline(picture("orders"), slots.map(({ orders }) => orders));
    drawSparkline(
      picture("basket"),
      slots.map(({ revenue, orders }) => (orders ? revenue / orders : 0)),
    );
    const open = shown["open-alerts"].value ?? 0;
    drawSeverities(
      picture("open-alerts"),
      pulse.criticalAlerts,
      Math.max(0, open - pulse.criticalAlerts),
    );
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    keyFigures: { apply, comparison, perMinute },
  };
})();
