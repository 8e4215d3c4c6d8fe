import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { tags } = load("10-formats", "50-panels", "62-tags");
const NOW = Date.parse("2026-11-20T17:30:30Z");
const minute = (text, code, reads, pieces) => ({
  minute: `2026-11-20T${text}:00Z`, location: { code, name: code }, reads: String(reads), pieces: String(pieces),
});

test("the figures of a minute that are higher are the later ones", () => {
  const traffic = tags.emptyTraffic();
  tags.takeMinute(traffic, minute("17:30", "NYC", 40, 9), NOW - 2_000);
  tags.takeMinute(traffic, minute("17:30", "NYC", 10, 5), NOW - 1_000);

  const { pieces, perSecond } = tags.trafficFigures(traffic, NOW);

  assert.equal(pieces, 9);
  assert.equal(perSecond, 40 / 30);
});

test("what was asked for says nothing of how fast tags are read", () => {
  const traffic = tags.emptyTraffic();
  tags.loadMinutes(traffic, [minute("17:30", "NYC", 300, 20)]);
  assert.equal(tags.trafficFigures(traffic, NOW).perSecond, 0);

  tags.takeMinute(traffic, minute("17:30", "NYC", 330, 21), NOW);

  assert.equal(tags.trafficFigures(traffic, NOW).perSecond, 1);
  assert.equal(tags.trafficFigures(traffic, NOW + 30_000).perSecond, 0);
});

test("of each place the better of this minute and the last counts, most pieces first", () => {
  const traffic = tags.emptyTraffic();
  tags.loadMinutes(traffic, [
    minute("17:28", "NYC", 90, 80), minute("17:29", "NYC", 50, 30), minute("17:30", "NYC", 4, 4),
    minute("17:30", "LAX", 70, 40),
  ]);

  const { places, pieces } = tags.trafficFigures(traffic, NOW);

  assert.deepEqual(places.map((place) => [place.location.code, place.pieces]), [["LAX", 40], ["NYC", 30]]);
  assert.equal(pieces, 70);
});

test("after an hour without tags there are none", () => {
  const traffic = tags.emptyTraffic();
  tags.loadMinutes(traffic, [minute("17:30", "NYC", 4, 4)]);
  assert.equal(tags.trafficFigures(traffic, NOW).hasTags, true);

  assert.equal(tags.trafficFigures(traffic, NOW + 3_600_000).hasTags, false);
  assert.equal(traffic.minutes.size, 0);
});

test("the last suspects are those that still are, latest first", () => {
  const alert = (id, kind, state, openedAt) => ({ id, kind, state, openedAt });
  const found = tags.lastSuspects([
    alert(1, "SUSPECT_EXIT", "OPEN", "2026-11-20T17:00:00Z"),
    alert(2, "SUSPECT_EXIT", "ACKNOWLEDGED", "2026-11-20T17:20:00Z"),
    alert(3, "SUSPECT_EXIT", "RESOLVED", "2026-11-20T17:25:00Z"),
    alert(4, "OVERSOLD", "OPEN", "2026-11-20T17:26:00Z"),
  ]);

  assert.deepEqual(found.map(({ id }) => id), [2, 1]);
});

test("few reads a second are told with a decimal", () => {
  assert.equal(tags.rateText(0), "0.0");
  assert.equal(tags.rateText(9.94), "9.9");
  assert.equal(tags.rateText(120.4), "120");
});
