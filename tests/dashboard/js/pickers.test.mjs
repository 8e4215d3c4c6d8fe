// Values of filters as the address has them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { pickers } = load("79-pickers");

test("commas within values do not divide them", () => {
  const values = ["ATL", "Food, fresh", "50 % off"];

  assert.deepEqual(pickers.split(pickers.joined(values)), values);
});

test("what somebody wrote into the address by hand is taken as it is", () => {
  assert.deepEqual(pickers.split("a,100%"), ["a", "100%"]);
  assert.deepEqual(pickers.split(""), []);
});

test("a value is chosen, and chosen no more", () => {
  const chosen = pickers.withToggled("ATL", "BOI");

  assert.equal(chosen, "ATL,BOI");
  assert.equal(pickers.withToggled(chosen, "ATL"), "BOI");
});
