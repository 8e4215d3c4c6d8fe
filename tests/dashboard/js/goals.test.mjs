// The grid of goals, as far as it needs no page: amounts, pasted blocks, keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { goals } = load("99-goals");
const grid = { rows: 3, columns: 2 };

test("an amount is read as people write it", () => {
  for (const [text, amount] of [
    ["1234.5", "1234.5"], ["1,234.50", "1234.50"], ["1.234,50", "1234.50"], ["$ 1 234", "1234"],
    ["12,5", "12.5"], ["1,234", "1234"], ["  ", ""],
  ])
    assert.deepEqual({ ...goals.readAmount(text) }, { amount });
});

test("what is no goal says why", () => {
  for (const text of ["abc", "-5", "1e9", "0", "1.23456", "9".repeat(14)])
    assert.ok(goals.readAmount(text).fault, text);
});

test("a block of a spreadsheet is rows of cells", () => {
  assert.deepEqual(JSON.parse(JSON.stringify(goals.cellsOf("1\t2\r\n3\t\r\n"))), [["1", "2"], ["3", ""]]);
});

test("an address says what of the filters is not usual", () => {
  const usual = { dimension: "ORGANISATION", year: "2026", on: "" };

  assert.equal(goals.searchOf({ ...usual, on: null }, usual), "");
  assert.equal(goals.searchOf({ ...usual, dimension: "REGION", year: "" }, usual), "?dimension=REGION&year=");
});

test("keys move within the grid and stop at its edges", () => {
  const at = (key, row, column, isShift) => ({ ...goals.step(key, { row, column }, grid, isShift) });
  assert.deepEqual(at("Enter", 0, 1), { row: 1, column: 1 });
  assert.deepEqual(at("Enter", 1, 1, true), { row: 0, column: 1 });
  assert.deepEqual(at("ArrowDown", 2, 0), { row: 2, column: 0 });
  assert.deepEqual(at("ArrowRight", 0, 1), { row: 0, column: 1 });
  assert.equal(goals.step("a", { row: 0, column: 0 }, grid), null);
});
