// The goals on the wall, as far as they need no page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMATS, load } from "./assets.mjs";

const { formats, wallGoals } = load("10-formats", "87-wall-goals");
const written = formats.formatsFor(FORMATS);
const row = (kind, fields = {}) => ({
  goal: { period: "2026-Q4", kind, amount: "2000" }, attained: "1000", share: "0.5", landingShare: "0.9",
  probability: null, standing: "AT_RISK", ...fields,
});

test("the shortest periods come first, three at most", () => {
  const kinds = ["YEAR", "FISCAL_YEAR", "QUARTER", "MONTH"].map((kind) => row(kind));
  const shown = JSON.parse(JSON.stringify(wallGoals.shown(kinds).map(({ goal }) => goal.kind)));
  assert.deepEqual(shown, ["MONTH", "QUARTER", "YEAR"]);
});

test("words say what the bar shows", () => {
  const { name, figure, money, words } = wallGoals.told(row("QUARTER"), written);
  assert.equal(`${name} ${figure}`, "Q4 2026 50%");
  assert.match(money, /1k of .*2k$/);
  assert.equal(words, "at risk, lands at 90%");
  assert.match(wallGoals.told(row("QUARTER", { standing: "REACHED" }), written).words, /reached$/);
});

test("a period is named as people say it, one of a business year by its code", () => {
  const name = (period) =>
    wallGoals.told(row("MONTH", { goal: { period, amount: "2000" } }), written).name;
  assert.deepEqual(
    ["2026-11", "2026-Q4", "2026", "FY2026-P10"].map(name),
    ["Nov 2026", "Q4 2026", "2026", "FY2026-P10"],
  );
});

test("how likely a goal is reached is said where it is known", () => {
  const { words } = wallGoals.told(row("QUARTER", { probability: "0.1234" }), written);
  assert.match(words, /lands at 90%, 12% likely$/);
  const sure = wallGoals.told(row("QUARTER", { probability: "1", standing: "ON_TRACK" }), written);
  assert.match(sure.words, /99% likely$/);
  const over = wallGoals.told(row("QUARTER", { probability: "1", standing: "REACHED" }), written);
  assert.doesNotMatch(over.words, /likely/);
});

test("a bar ends where the meter does", () => {
  assert.equal(wallGoals.place(0.5), "40%");
  assert.equal(wallGoals.place(9), "100%");
  assert.equal(wallGoals.place(-1), "0%");
});
