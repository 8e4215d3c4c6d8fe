import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { frames: module } = load("30-frames");

function queue() {
  const applied = [];
  let due = [];
  const frames = module.frames((batch) => applied.push(batch), { schedule: (run) => due.push(run) });
  const nextFrame = () => {
    const runs = due;
    due = [];
    runs.forEach((run) => run());
    return runs.length;
  };
  return { frames, applied, nextFrame };
}

test("whatever arrives between two frames is applied once, in the next one", () => {
  const { frames, applied, nextFrame } = queue();
  frames.pulse({ cursor: 1 });
  frames.pulse({ cursor: 2 });
  frames.item("a");
  frames.item("b");
  assert.equal(nextFrame(), 1);
  assert.deepEqual(applied, [{ pulse: { cursor: 2 }, levels: [], items: ["a", "b"] }]);
  assert.equal(nextFrame(), 0);
});

test("of one stock level the highest version is applied", () => {
  const { frames, applied, nextFrame } = queue();
  frames.level({ id: "a", version: 2 });
  frames.level({ id: "a", version: 1 });
  nextFrame();
  assert.deepEqual(applied[0].levels, [{ id: "a", version: 2 }]);
});

test("levels that wait are bounded, the oldest make room", () => {
  const { frames, applied, nextFrame } = queue();
  for (let n = 0; n <= module.MOST_LEVELS; n += 1) frames.level({ id: n, version: 1 });
  nextFrame();
  assert.equal(applied[0].levels.length, module.MOST_LEVELS);
  assert.equal(applied[0].levels[0].id, 1);
});

test("feed items that wait are bounded, and the caller is told when they did not fit", () => {
  const { frames } = queue();
  for (let n = 0; n < module.MOST_ITEMS; n += 1) assert.equal(frames.item(n), true);
  assert.equal(frames.item("one too many"), false);
  assert.equal(frames.item("after the new snapshot"), true);
});
