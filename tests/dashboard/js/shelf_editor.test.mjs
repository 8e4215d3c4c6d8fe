// A shelf that is changed by hand, without a page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { shelfEditor } = load("98-shelf-editor");
const tea = { sku: "T", facings: "3", board: "1", least: "", most: "", widthCm: "12.5" };
const cup = { sku: "C", facings: "2", board: "2", least: "", most: "", widthCm: "" };
const shelf = { name: "A", boards: [{ widthCm: "40" }, { widthCm: "30,5" }], products: [tea, cup] };

test("a board says how much of it is taken; what was not measured takes 10 cm a facing", () => {
  const found = shelfEditor.filled(shelf).map(({ room, used }) => [room, used]);

  assert.deepEqual(found, [[40, 37.5], [30.5, 20]]);
});

test("what stood on a board that goes stands nowhere, and what stood below moves up", () => {
  const { boards, products } = shelfEditor.withoutBoard(shelf, 0);

  assert.equal(boards.length, 1);
  assert.deepEqual(products.map(({ board }) => board), ["", "1"]);
});

test("what is pinned keeps its facings, whichever they are", () => {
  const products = [shelfEditor.withPin(tea, true), cup];
  const changed = shelfEditor.withValue({ ...shelf, products }, "products.0.facings", "5").products[0];

  assert.deepEqual([changed.least, changed.most], ["5", "5"]);
  assert.ok(shelfEditor.isPinned(changed));
  assert.ok(!shelfEditor.isPinned(shelfEditor.withPin(changed, false)));
});

test("changes are undone and done again, and a new one ends what was ahead", () => {
  const kept = shelfEditor.history(shelf);
  assert.ok(!kept.change({ ...shelf }));
  kept.change({ ...shelf, name: "B" });
  kept.change({ ...shelf, name: "C" });

  kept.undo();
  assert.equal(kept.now().name, "B");
  kept.redo();
  assert.equal(kept.now().name, "C");
  kept.undo();
  kept.change({ ...shelf, name: "D" });

  assert.ok(!kept.canRedo());
  kept.undo();
  kept.undo();
  assert.deepEqual([kept.now().name, kept.isChanged()], ["A", false]);
});
