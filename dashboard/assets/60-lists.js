// The two lists: alerts, worst first, and sales as they come in.
(() => {
  const { icon, make, reconcile, setAttribute, setText } = shelfcast.panels;
  const { roundAgeText } = shelfcast.formats;
  const MOST_ALERTS = 40;

  const KINDS = {
    OVERSOLD: { title: "Oversold", figure: "on hand" },
    OUT_OF_STOCK: { title: "Out of stock", figure: "available" }, // never below zero
    LOW_STOCK: { title: "Low stock", figure: "available" },
    SUSPECT_EXIT: { title: "Left unsold" },
    PIECE_SOLD_TWICE: { title: "Sold twice" },
    PIECE_IN_TWO_PLACES: { title: "In two places" },
    AGENT_SILENT: { title: "Agent silent" },
    AGENT_LOSES_READS: { title: "Reads are lost" },
    AGENT_HOLDS_READS: { title: "Reads are held back" },
    AGENT_CLOCK_WRONG: { title: "Clock wrong" },
    DEVICE_QUARANTINED: { title: "Device sends garbage" },
    GOAL_REACHED: { title: "Goal reached" },
    GOAL_AT_RISK: { title: "Goal at risk", figure: "will be attained" },
    FORECAST_FAILED: { title: "Forecasts grow old" },
  };
  const CHANNELS = {
    IN_STORE: { name: "In store", symbol: "building-store" },
    ONLINE: { name: "Online", symbol: "globe" },
    MARKETPLACE: { name: "Marketplace", symbol: "marketplace" },
  };
  const SYMBOLS = { CRITICAL: "alert-octagon", WARNING: "alert", INFO: "check" };
  const STATES = { OPEN: "", ACKNOWLEDGED: "seen", RESOLVED: "resolved" };

  function alertText({ kind, product }) {
    const title = KINDS[kind]?.title ?? kind.toLowerCase().replaceAll("_", " ");
    return product ? `${title} · ${product.name}` : title;
  }

  // Of a piece its serial number, which tells it from the next; of others their name.
  function subjectText(subject) {
    const piece = /^urn:epc:id:sgtin:\d+\.\d+\.(.+)$|\/01\/\d{14}\/21\/([^/?]+)/.exec(subject ?? "");
    return piece ? `serial ${decodeURIComponent(piece[1] ?? piece[2])}` : subject;
  }

  function alertDetail({ kind, location, subject, value, threshold }, formats) {
    const figure = KINDS[kind]?.figure;
    const parts = [location?.name, subjectText(subject)];
    const isMoney = kind.startsWith("GOAL") && !subject?.endsWith("units");
    const write = isMoney ? formats.moneyShort : formats.quantity;
    if (value !== null && figure) parts.push(`${write(Number(value))} ${figure}`);
    if (threshold !== null && Number(threshold) > 0 && !kind.startsWith("GOAL"))
      parts.push(`reorder at ${formats.quantity(Number(threshold))}`);
    return parts.filter(Boolean).join(" · ");
  }

  function saleText({ lines, units }, formats) {
    const [first, ...others] = lines;
    if (!first) return `${formats.quantity(Number(units))} units`;
    const more = others.length ? ` + ${others.length} more` : "";
    return `${formats.quantity(Math.abs(Number(first.quantity)))} × ${first.product.name}${more}`;
  }

  function age(at) {
    const time = make("time", "feed-age");
    time.dateTime = at;
    return time;
  }

  function showAge(element, at, serverNow) {
    const time = element.querySelector("time");
    setAttribute(time, "datetime", at);
    setText(time, roundAgeText(serverNow - Date.parse(at)));
  }

  function alertElement(alert) {
    return make(
      "li",
      "feed-row alert-row",
      make("span", "severity-sign", icon(SYMBOLS[alert.severity] ?? "alert")),
      make("div", "feed-text", make("p", "feed-title"), make("p", "feed-detail")),
      make("div", "feed-end", age(alert.updatedAt), make("span", "alert-state")),
    );
  }

  function updateAlert(element, alert, serverNow, formats) {
    setAttribute(element, "data-severity", alert.severity.toLowerCase());
    setAttribute(element, "data-state", alert.state.toLowerCase());
    setText(element.querySelector(".feed-title"), alertText(alert));
    setText(element.querySelector(".feed-detail"), alertDetail(alert, formats));
    const state = STATES[alert.state] || alert.severity.toLowerCase();
    setText(element.querySelector(".alert-state"), state);
    showAge(element, alert.state === "OPEN" ? alert.openedAt : alert.updatedAt, serverNow);
  }

  function showAlerts(list, alerts, serverNow, formats) {
    reconcile(list, alerts.slice(0, MOST_ALERTS), {
      key: ({ id }) => id,
      create: alertElement,
      update: (element, alert) => updateAlert(element, alert, serverNow, formats),
    });
    const hidden = alerts.length - MOST_ALERTS;
    setAttribute(list, "data-more", hidden > 0 ? `and ${hidden} more` : "");
  }

  function saleElement(sale) {
    const channel = CHANNELS[sale.channel] ?? { name: sale.channel, symbol: "receipt" };
    const sign = make("span", "channel-sign", icon(sale.kind === "RETURN" ? "return" : channel.symbol));
    sign.title = channel.name;
    return make(
      "li",
      "feed-row sale-row",
      sign,
      make("div", "feed-text", make("p", "feed-title"), make("p", "feed-detail")),
      make("div", "feed-end", make("b", "sale-amount"), age(shelfcast.feed.soldAt(sale))),
    );
  }

  function updateSale(element, sale, serverNow, formats) {
    const isReturn = sale.kind === "RETURN";
    const channel = CHANNELS[sale.channel]?.name ?? sale.channel;
    const amount = Math.abs(Number(sale.netSales)) * (isReturn ? -1 : 1);
    setAttribute(element, "data-channel", sale.channel);
    setAttribute(element, "data-kind", sale.kind.toLowerCase());
    setText(element.querySelector(".feed-title"), saleText(sale, formats));
    setText(
      element.querySelector(".feed-detail"),
      [isReturn ? "Return" : channel, sale.location.name].join(" · "),
    );
    setText(element.querySelector(".sale-amount"), formats.moneyIn(amount, sale.currency));
    showAge(element, shelfcast.feed.soldAt(sale), serverNow);
  }

  function showSales(list, sales, serverNow, formats) {
    reconcile(list, sales, {
      key: ({ id }) => id,
      create: saleElement,
      update: (element, sale) => updateSale(element, sale, serverNow, formats),
    });
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    lists: { alertDetail, alertText, saleText, showAlerts, showSales },
  };
})();
