import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMATS, load } from "./assets.mjs";

const { formats, keyFigures, lists, minutes, stock, storeMap } = load(
  "10-formats", "50-panels", "52-key-figures", "54-minutes", "56-store-map", "58-stock", "60-lists",
);
const written = formats.formatsFor(FORMATS);
const AS_OF = Date.parse("2026-11-20T17:30:30Z");
const row = (minute, channel, revenue, orders = 1) => ({ minute, channel, revenue, orders });

test("a comparison is a share, with a sign that is not only a colour", () => {
  const compare = (value, before, how) => keyFigures.comparison({ value, before }, written, how);
  assert.deepEqual(compare(110, 100), { text: "▲ 10.0%", direction: "up" });
  assert.deepEqual(compare(90, 100), { text: "▼ 10.0%", direction: "down" });
  assert.deepEqual(compare(100, 100), { text: "= 0.0%", direction: "same" });
  assert.deepEqual(compare(5, 8, { isCount: true }), { text: "▼ 3", direction: "down" });
  assert.deepEqual(compare(50, 0), { text: "▲ $50", direction: "up" });
});

test("nothing is compared with a week that is not known", () => {
  assert.deepEqual(keyFigures.comparison({ value: 5, before: null }, written), {
    text: "", direction: "unknown",
  });
});

test("minutes of all channels are added up, minutes without sales are zero", () => {
  const slots = keyFigures.perMinute(
    [
      row("2026-11-20T17:30:00Z", "ONLINE", "2.50"),
      row("2026-11-20T17:30:00Z", "IN_STORE", "1.50"),
      row("2026-11-20T17:28:00Z", "IN_STORE", "4"),
      row("2026-11-20T15:00:00Z", "IN_STORE", "99"),
    ],
    AS_OF,
    3,
  );
  assert.deepEqual(slots, [
    { revenue: 4, orders: 1 }, { revenue: 0, orders: 0 }, { revenue: 4, orders: 2 },
  ]);
});

test("the chart has a row per channel with the running minute last", () => {
  const rows = minutes.byChannel([row("2026-11-20T17:30:00Z", "ONLINE", "2.5")], AS_OF);
  assert.equal(rows.ONLINE.length, 60);
  assert.equal(rows.ONLINE.at(-1), 2.5);
  assert.equal(rows.IN_STORE.at(-1), 0);
});

test("labels stand on full tens of minutes in the organisation's time", () => {
  const { tickvals, ticktext } = minutes.ticks(minutes.minuteTimes(AS_OF), written);
  assert.deepEqual(tickvals, [9, 19, 29, 39, 49, 59]);
  assert.equal(ticktext.at(-1), "12:30");
});

test("the axis of the chart has round values up to the highest bar", () => {
  const axis = minutes.moneyAxis([[30, 410], [20, 80]], written);
  assert.deepEqual(axis["yaxis.tickvals"], [0, 100, 200, 300, 400, 500]);
  assert.ok(axis["yaxis.range"][1] >= 490);
});

test("the area of a mark stands for the revenue", () => {
  assert.equal(storeMap.radius(0, 100, 1_000), storeMap.radius(-5, 100, 1_000));
  const [quarter, whole] = [25, 100].map((revenue) => storeMap.radius(revenue, 100, 1_000) - 4);
  assert.equal(quarter * 2, whole);
});

test("a location without coordinates is not on the map", () => {
  assert.equal(storeMap.isOnMap({ location: { latitude: null, longitude: null } }), false);
  assert.equal(storeMap.isOnMap({ location: { latitude: 0, longitude: 0 } }), true);
});

test("a location without open alerts has no severity", () => {
  assert.equal(storeMap.severityOf({ openAlerts: 0, worstAlert: null }), "none");
  assert.equal(storeMap.severityOf({ openAlerts: 2, worstAlert: "CRITICAL" }), "critical");
});

const level = (id, over = {}) => ({
  id, version: 1, updatedAt: "2026-11-20T17:00:00Z", onHand: "20", available: "20",
  reorderPoint: "8", isOversold: false, product: { sku: "S", name: id }, location: { code: "L", name: "L" },
  ...over,
});

test("the status of a stock level is that of the alert it would raise", () => {
  const status = (over) => stock.statusOf(level("a", over));
  assert.equal(status({}), "fine");
  assert.equal(status({ onHand: "8", available: "8" }), "low");
  assert.equal(status({ onHand: "9", available: "8" }), "low");
  assert.equal(status({ onHand: "8", available: "8", reorderPoint: null }), "fine");
  assert.equal(status({ onHand: "0", available: "0" }), "out");
  assert.equal(status({ onHand: "-2", available: "-2", isOversold: true }), "oversold");
});

test("a stock row shows the change that was seen, and ignores older versions", () => {
  const rows = stock.stockRows();
  assert.equal(rows.take(level("a")).change, null);
  assert.equal(rows.take(level("a", { version: 2, onHand: "17" })).change, -3);
  assert.equal(rows.take(level("a", { version: 2, onHand: "1" })), null);
});

test("the view of what needs attention leaves out what is fine, the worst first", () => {
  const rows = stock.stockRows();
  rows.take(level("fine"));
  rows.take(level("low", { onHand: "3", available: "3" }));
  rows.take(level("oversold", { onHand: "-1", available: "-1", isOversold: true }));
  assert.deepEqual(rows.view("attention", 9).map(({ id }) => id), ["oversold", "low"]);
  assert.equal(rows.view("changed", 9).length, 3);
});

test("rows in sight keep their place, others rise to the top", () => {
  const order = Array.from({ length: 20 }, (_, n) => `r${n}`);
  const next = stock.nextOrder(order, ["r3", "r15", "new"], 20);
  assert.deepEqual(next.slice(0, 3), ["new", "r15", "r0"]);
  assert.equal(next[5], "r3");
  assert.equal(next.length, 20);
});

test("a narrow grid leaves out columns, never the reorder point before the others", () => {
  assert.deepEqual(stock.hiddenColumns(1_000), []);
  assert.deepEqual(stock.hiddenColumns(600), ["sku", "change", "available"]);
  assert.deepEqual(stock.hiddenColumns(360), ["sku", "change", "available", "reorderPoint"]);
});

test("a sale is told by its first line and the number of the others", () => {
  const lines = [1, 2, 3].map((quantity) => ({ quantity: `${quantity}.0000`, product: { name: "Tea" } }));
  assert.equal(lists.saleText({ lines, units: "6" }, written), "1 × Tea + 2 more");
  assert.equal(lists.saleText({ lines: [], units: "6" }, written), "6 units");
});

test("an alert is told in words, with its place and figures", () => {
  const alert = {
    kind: "LOW_STOCK", product: { name: "Tea" }, location: { name: "Boise" },
    value: "3.0000", threshold: "8.0000",
  };
  assert.equal(lists.alertText(alert), "Low stock · Tea");
  assert.equal(lists.alertDetail(alert, written), "Boise · 3 available · reorder at 8");
  assert.equal(lists.alertText({ kind: "PRICE_DROP", product: null }), "price drop");
});

test("an alert of a goal tells amounts as money, units as units", () => {
  const alert = {
    kind: "GOAL_AT_RISK", product: null, location: null, threshold: "40000",
    subject: "2026-Q4 Category Health, net sales", value: "30807.411",
  };
  assert.match(lists.alertDetail(alert, written), /net sales · \D*30.8k will be attained$/);
  const units = { ...alert, subject: "2026-Q4 Category Health, units" };
  assert.match(lists.alertDetail(units, written), /units · 30,807.411 will be attained$/);
});

test("an alert about a piece names it by what tells it from the next", () => {
  const alert = {
    kind: "SUSPECT_EXIT", product: { name: "Tea" }, location: { name: "Boise" },
    subject: "urn:epc:id:sgtin:4006381.033393.17", value: null, threshold: null,
  };
  assert.equal(lists.alertText(alert), "Left unsold · Tea");
  assert.equal(lists.alertDetail(alert, written), "Boise · serial 17");
  const link = { ...alert, subject: "https://id.gs1.org/01/04006381333931/21/A%2F7" };
  assert.equal(lists.alertDetail(link, written), "Boise · serial A/7");
});
