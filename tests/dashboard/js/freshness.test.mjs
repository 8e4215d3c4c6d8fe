import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { freshness } = load("40-freshness");
const OPEN = {
  isConnected: true, hasConnected: true, stalePanels: 0, failedPanels: 0, missingPanels: 0,
};

test("the shortest round trip tells the server's clock best", () => {
  const clock = freshness.serverClock();
  clock.roundTrip(10_500, 0, 1_000);
  clock.roundTrip(12_110, 2_000, 2_020);
  clock.roundTrip(15_000, 4_000, 6_000);
  assert.equal(clock.offset(), 10_100);
  assert.equal(clock.now(1), 10_101);
});

test("a message from the future corrects a clock that is behind", () => {
  const clock = freshness.serverClock();
  clock.roundTrip(1_000, 1_000, 1_000);
  clock.message(8_000, 3_000);
  assert.equal(clock.offset(), 5_000);
});

test("a panel is stale once its data are older than its limit", () => {
  const ages = freshness.ages({ map: 100, stock: 1_000 });
  ages.confirm("map", 5_000);
  ages.confirm("stock", 5_000);
  assert.deepEqual(ages.stale(5_100), []);
  assert.deepEqual(ages.stale(5_101), ["map"]);
  assert.equal(ages.age("map", 5_101), 101);
});

test("data never grow younger than they were, and an unknown time confirms nothing", () => {
  const ages = freshness.ages({ map: 100 });
  ages.confirm("map", 5_000);
  ages.confirm("map", 4_000);
  ages.confirm("map", Number.NaN);
  ages.confirm("map", null);
  assert.equal(ages.asOf("map"), 5_000);
});

test("LIVE is claimed only for an open socket and fresh, complete panels", () => {
  assert.equal(freshness.badgeState(OPEN), "live");
  assert.equal(freshness.badgeState({ ...OPEN, missingPanels: 1 }), "connecting");
  assert.equal(freshness.badgeState({ ...OPEN, stalePanels: 1 }), "stale");
  assert.equal(freshness.badgeState({ ...OPEN, failedPanels: 1 }), "stale");
});

test("without a socket the badge says so, however fresh the data are", () => {
  assert.equal(freshness.badgeState({ ...OPEN, isConnected: false }), "reconnecting");
  assert.equal(
    freshness.badgeState({ ...OPEN, isConnected: false, hasConnected: false }),
    "connecting",
  );
});
