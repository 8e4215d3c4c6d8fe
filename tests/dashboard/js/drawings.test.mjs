// Charts that pages draw themselves, as far as they need no page: where everything lies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMATS, load } from "./assets.mjs";

const { drawings, fields, figures, formats, pareto, rankedBars } = load(
  "10-formats", "76-drawings", "76-figures", "77-fields", "77-pareto", "77-ranked-bars",
);
const written = formats.formatsFor(FORMATS);
const money = figures.writer("money", written, { isShort: true });
// Each letter is seven pixels wide.
const measured = (text) => 7 * text.length;
const WIDTH = 600;
const bar = (name, value, before = null) => ({ name, value, before, text: money(value) });

test("as much of a name is shown as there is room for", () => {
  const name = "Fellowes PB500 Electric Punch";
  assert.equal(drawings.fitted(name, 300, measured), name);
  assert.equal(drawings.fitted(name, 70, measured), "Fellowes…");
  assert.equal(drawings.fitted(name, 3, measured), "…");
});

test("marks of an axis are round and inside", () => {
  assert.deepEqual(drawings.ticks(0, 194_354, 5), [0, 50_000, 100_000, 150_000]);
  assert.deepEqual(drawings.ticks(-30, 100, 5), [0, 50, 100]);
  assert.deepEqual(drawings.ticks(0, 0, 5), [0]);
});

test("the longest bar leaves just the room for its value", () => {
  const { rows } = rankedBars.layoutOf([bar("Tea", 40_000), bar("Oil", 20_000)], WIDTH, measured);
  assert.equal(Math.round(rows[0].end + 8 + measured("$40k")), WIDTH - 8);
  assert.equal(Math.round(rows[1].to - rows[1].from), Math.round((rows[0].to - rows[0].from) / 2));
});

test("no tick of before crosses the value of a bar", () => {
  const { rows } = rankedBars.layoutOf([bar("Tea", 10, 40), bar("Oil", 30, 20)], WIDTH, measured);
  assert.equal(rows[0].end, rows[0].tick);
  assert.equal(rows[1].end, rows[1].to);
});

test("bars of losses lie left of nothing, their values right of it, where no name is", () => {
  const { rows, zero, names } = rankedBars.layoutOf([bar("Tea", 40), bar("Oil", -20)], WIDTH, measured);
  assert.equal(rows[1].to, zero);
  assert.ok(rows[1].from > names && rows[1].from < zero);
  assert.equal(rows[1].end, zero);
});

test("bars of nothing begin at the axis and have no length", () => {
  const { rows, zero } = rankedBars.layoutOf([bar("Tea", 0), bar("Oil", null)], WIDTH, measured);
  assert.deepEqual(rows.map(({ from, to, end }) => [from, to, end]), [[zero, zero, zero], [zero, zero, zero]]);
});

test("names beside bars leave more than half of the width to the bars", () => {
  const long = "A very long name of a product, in red and large, with a lid";
  const { rows, names } = rankedBars.layoutOf([bar(long, 40)], 300, measured);
  assert.ok(names <= 0.45 * 300 + 8);
  assert.ok(rows[0].name.endsWith("…"));
});

const field = { across: ["a", "b", "c", "d", "e", "f"], down: ["Ohio"], values: [[1, 2, 3, 4, 5, 600]], isWritten: true };

test("fields that are too narrow for their figures do without, and have a scale", () => {
  assert.equal(fields.layoutOf(field, 800, String, measured).areWritten, true);
  const narrow = fields.layoutOf(field, 160, String, measured);
  assert.equal(narrow.areWritten, false);
  assert.ok(narrow.height > fields.layoutOf(field, 800, String, measured).height - 1);
});

test("long names beside fields leave a phone room for the fields", () => {
  const { names, each } = fields.layoutOf({ ...field, down: ["Gulf & Southern (demo) of Ohio and Iowa"] }, 300, String, measured);
  assert.ok(names <= 0.35 * 300);
  assert.ok(6 * each > 150);
});

test("names below fields that would run into one another are left out in turn", () => {
  const hours = Array.from({ length: 24 }, (_, hour) => `${hour}:00`);
  const day = { across: hours, down: ["Mon"], values: [hours.map(() => 1)], isWritten: false };
  assert.equal(fields.layoutOf(day, 1_600, String, measured).every, 1);
  assert.ok(fields.layoutOf(day, 300, String, measured).every > 2);
});

test("names below fields that have some room are shortened, and none is left out", () => {
  const classes = { ...field, across: ["X: steady", "Y: varying", "Z: now and then"], values: [[1, 2, 3]] };
  assert.equal(fields.layoutOf(classes, 300, String, measured).every, 1);
});

test("a figure in a field is black or white, whichever is easier to read there", () => {
  const scale = [[0, "#122036"], [0.5, "#1f6f9e"], [1, "#9fe3ff"]];
  const inks = [0, 0.5, 1].map((part) => figures.inkOn(figures.colourAt(part, scale)));
  assert.deepEqual(inks, ["#ffffff", "#ffffff", "#000000"]);
});

test("a Pareto chart adds up to the part of all and stays inside", () => {
  const bars = [bar("a", 6), bar("b", 3), bar("c", -1)];
  const { parts, each, left, right, yOf, top, bottom } = pareto.layoutOf({ bars, total: 10 }, WIDTH, money, measured);
  assert.deepEqual(parts.map((part) => Math.round(100 * part)), [60, 90, 80]);
  assert.equal(Math.round(left + 3 * each), Math.round(right));
  assert.equal(yOf(6), top);
  assert.equal(yOf(-1), bottom);
});

test("hundreds of bars touch", () => {
  const bars = Array.from({ length: 500 }, (_, rank) => bar(String(rank), 500 - rank));
  const { between, each, ranks } = pareto.layoutOf({ bars, total: 1 }, WIDTH, money, measured);
  assert.equal(between, 0);
  assert.ok(each > 0);
  assert.deepEqual(ranks, [100, 200, 300, 400, 500]);
});
