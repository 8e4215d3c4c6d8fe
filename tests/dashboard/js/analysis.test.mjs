// The pages of analysis, as far as they need no page: addresses, figures, tables, news.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMATS, load } from "./assets.mjs";

const { figures, formats, news, tables, view } = load(
  "10-formats", "75-view", "76-figures", "77-tables", "92-news",
);
const written = formats.formatsFor(FORMATS);
const money = (value) => written.moneyExact(value);

test("a press adds to the address and replaces what was there of the same name", () => {
  assert.equal(view.withPart("?category=Food&period=90d", "category=Home"), "?category=Home&period=90d");
  assert.equal(view.withPart("?period=90d", "from=2018-01-01&to=2018-01-31"), "?from=2018-01-01&to=2018-01-31");
  assert.equal(view.withPart("?from=2018-01-01&to=2018-01-31", "period=all"), "?period=all");
  assert.equal(view.withPart("?sku=A", "sku="), "");
});

test("a box adds its value and takes it away again", () => {
  const once = view.toggled("?state=Ohio", "state", "Iowa");
  assert.equal(once, "?state=Ohio&state=Iowa");
  assert.equal(view.toggled(once, "state", "Iowa"), "?state=Ohio");
});

test("clearing the filters leaves the period", () => {
  assert.equal(view.unfiltered("?period=all&state=Ohio&sku=A"), "?period=all");
  assert.deepEqual(view.chosen("?state=Ohio&period=all&sku=A"), [
    { name: "sku", value: "A" }, { name: "state", value: "Ohio" },
  ]);
});

const figure = {
  data: [{
    type: "bar", name: "--bad", y: [1], customdata: [1234.5], text: [1234.5],
    meta: { unit: "money", text: "short" }, marker: { color: ["--series-1", "red"] },
  }],
  layout: { meta: { units: { yaxis: "money" } }, font: { color: "--dim" }, xaxis: {}, yaxis: {} },
};

test("tokens become colours of the theme, names never do", () => {
  const { data, layout } = figures.themed(figure, { read: (token) => `of ${token}`, formats: written });
  assert.deepEqual(data[0].marker.color, ["of --series-1", "red"]);
  assert.equal(layout.font.color, "of --dim");
  assert.equal(data[0].name, "--bad");
});

test("figures are written in the organisation's currency", () => {
  const { data, layout } = figures.themed(figure, { read: String, formats: written });
  assert.deepEqual(data[0].customdata, ["$1,234.50"]);
  assert.deepEqual(data[0].text, ["$1.23k"]);
  assert.equal(layout.yaxis.tickprefix, "$");
  assert.deepEqual(figure.data[0].customdata, [1234.5]);
});

test("where money is lost the minus stands before the sign of the currency", () => {
  const lost = { ...figure, data: [{ ...figure.data[0], y: [1, -2_000] }] };
  const { layout } = figures.themed(lost, { read: String, formats: written });
  assert.equal(layout.yaxis.tickprefix, undefined);
  assert.ok(layout.yaxis.tickformatstops.every(({ value }) => value.startsWith("$")));
  assert.deepEqual(figures.configOf({ symbol: "€" }).locales["en-US"].format.currency, ["€", ""]);
});

test("the list beside a ring goes below it where it is narrow", () => {
  const ring = { data: [{ labels: ["Tea", "Cup"] }], layout: { legend: { orientation: "v" }, margin: { b: 8 } } };
  const of = (width) => figures.themed(ring, { read: String, formats: written, width }).layout;
  const [phone, wide] = [of(300), of(800)];
  assert.deepEqual([phone.legend.orientation, wide.legend.orientation], ["h", "v"]);
  assert.ok(phone.margin.b >= figures.roomBelow(ring, 300) && wide.margin.b === 8);
});

test("two parts of a ring that are shortened to the same stay two", () => {
  const names = ["A very long name of a product, in red and large", "A very long name of a product, in red and small"];
  const ring = { data: [{ type: "pie", labels: names }], layout: { meta: { names: "labels" } } };
  const { labels } = figures.themed(ring, { read: String, formats: written, width: 500 }).data[0];
  assert.equal(labels[0], "A very long name of a product, in…");
  assert.notEqual(labels[0], labels[1]);
});

test("what was zoomed into and hidden stays so when newer figures come", () => {
  const latest = { data: [{ name: "A" }, { name: "B" }], layout: { xaxis: { fixedrange: false } } };
  const shown = {
    data: [{ name: "B", visible: "legendonly" }],
    layout: { xaxis: { autorange: false, range: ["2018-01-01", "2018-02-01"] } },
  };
  const { data, layout } = figures.keepingView(latest, shown);
  assert.deepEqual(layout.xaxis.range, ["2018-01-01", "2018-02-01"]);
  assert.equal(data[1].visible, "legendonly");
  assert.equal(data[0].visible, undefined);
  assert.deepEqual(figures.keepingView(latest, null).layout.xaxis, { fixedrange: false });
});

test("a day is the same day in every time zone", () => {
  assert.equal(figures.writer("date", written)("2018-03-05"), "Mar 5, 2018");
  assert.equal(figures.writer("money", written)(null), "–");
  assert.equal(money(2), "$2.00");
});

const table = {
  columns: [{ label: "Name", unit: "text" }, { label: "Units", unit: "count" }],
  rows: [["b10", 3], ["a", null], ["b9", 7]],
  drills: [],
};

test("a table sorts figures as numbers and names as people do, unknown last", () => {
  assert.deepEqual(tables.order(table, null), [0, 1, 2]);
  assert.deepEqual(tables.order(table, { column: 1, isDescending: true }), [2, 0, 1]);
  assert.deepEqual(tables.order(table, { column: 1, isDescending: false }), [0, 2, 1]);
  assert.deepEqual(tables.order(table, { column: 0, isDescending: false }), [1, 2, 0]);
});

test("pressing a heading sorts, turns, and lets go", () => {
  const once = tables.nextSort(null, 1, "count");
  assert.deepEqual(once, { column: 1, isDescending: true });
  const twice = tables.nextSort(once, 1, "count");
  assert.deepEqual(twice, { column: 1, isDescending: false });
  assert.equal(tables.nextSort(twice, 1, "count"), null);
});

test("many sales ask once, and a slow page is asked the less often", () => {
  const next = (over) => news.nextAskAt({ changedAt: 10_000, answeredAt: 9_000, tookMs: 50, ...over });
  assert.equal(next(), 13_000);
  assert.equal(next({ answeredAt: 0 }), 10_250);
  assert.equal(next({ tookMs: 2_000 }), 27_000);
});

test("a sale during an ask is asked for again; quiet confirms what is shown", () => {
  const mark = news.watermark();
  mark.asked(1_000);
  mark.changed(1_050);
  mark.answered(1_100, 500);
  assert.equal(mark.dueAt(1_100), 5_100);
  mark.confirmed(900);
  assert.equal(mark.asOf(), 500);
  mark.asked(5_100);
  mark.answered(5_150, 5_000);
  assert.equal(mark.dueAt(5_150), null);
  mark.confirmed(6_000);
  assert.equal(mark.asOf(), 6_000);
  assert.equal(mark.isStale(27_000), true);
});

test("what was on the way while a laptop slept does not hold the page up for days", () => {
  const mark = news.watermark();
  const morning = 8 * 3_600_000;
  mark.asked(1_000);
  mark.answered(morning, 500);
  mark.changed(morning);
  assert.equal(mark.dueAt(morning), morning + 30_000);
});

test("a clock that is set back holds nothing up", () => {
  const mark = news.watermark();
  mark.asked(90_000);
  mark.answered(90_100, 500);
  mark.changed(90_200);
  assert.equal(mark.dueAt(50_000), 54_000);
  assert.equal(mark.dueAt(50_500), 54_000);
});

test("where the feed begins is told once a connection, before what it brings", () => {
  const told = [];
  let said;
  let bring;
  globalThis.shelfcast.connection = {
    connect: ({ heard }) => {
      said = heard;
      return { stream: (_, { next }) => (bring = (feed) => next({ feed })) };
    },
  };
  const beat = { __typename: "FeedHeartbeat", serverTime: "2026-01-01T00:00:00Z" };
  const sale = { __typename: "FeedEvent", recordedAt: "2026-01-01T00:00:01Z" };

  news.follow({}, (what) => told.push(what));
  for (const step of ["connected", beat, sale, "closed", "connected", sale])
    typeof step === "string" ? said(step) : bring(step);

  assert.deepEqual(told, ["connected", "begun", "beat", "changed", "closed", "connected", "begun", "changed"]);
});

const { choropleth } = load("88-choropleth");

test("classes of a map hold about equally many areas, and what did not sell is in none", () => {
  const cuts = choropleth.limits([10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  assert.deepEqual(cuts, [30, 50, 70, 90]);
  assert.deepEqual([0, 10, 30, 100].map((value) => choropleth.classOf(value, cuts)), [0, 1, 2, 5]);
});

test("equal values are one class", () => {
  assert.deepEqual(choropleth.limits([5, 5, 5]), []);
  assert.equal(choropleth.classOf(5, []), 1);
  assert.deepEqual(choropleth.limits([]), []);
});

test("areas are found by name or code, in any case", () => {
  assert.equal(choropleth.keyOf(" Ohio "), "ohio");
  assert.equal(choropleth.keyOf("EIRE"), "ireland");
});

test("the area of a circle stands for the value", () => {
  const [quarter, whole] = [25, 100].map((value) => choropleth.radius(value, 100) - 3);
  assert.equal(quarter * 2, whole);
});

test("a shape across the date line goes on beyond it", () => {
  const ring = [[179, 60], [-179, 60], [-179, 65], [179, 65], [179, 60]];

  assert.deepEqual(choropleth.unwrapped(ring), [[179, 60], [181, 60], [181, 65], [179, 65], [179, 60]]);
});

test("a shape's number stands where most of it lies", () => {
  const island = [[170, 50], [171, 50], [171, 51], [170, 51], [170, 50]];
  const land = [[-120, 30], [-80, 30], [-80, 50], [-120, 50], [-120, 30]];

  const main = choropleth.mainland({ geometry: { type: "MultiPolygon", coordinates: [[island], [land]] } });

  assert.deepEqual(main.centre, [40, -100]);
});

test("a country is found by its code, a state by its name", () => {
  assert.equal(choropleth.keyAt("COUNTRY", "US"), "united states of america");
  assert.equal(choropleth.keyAt("COUNTRY", "de"), "germany");
  assert.equal(choropleth.keyAt("STATE", "CA"), "ca");
  assert.equal(choropleth.keyAt("COUNTRY", "EIRE"), "ireland");
});
