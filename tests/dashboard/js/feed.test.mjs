import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { feed: feeds } = load("25-feed");
const NOW = Date.parse("2026-11-20T12:00:00Z");
const at = (seconds) => new Date(NOW + seconds * 1000).toISOString();

const alert = (id, over = {}) => ({
  id, version: 1, severity: "WARNING", state: "OPEN", updatedAt: at(0), ...over,
});
const sale = (id, seconds = 0) => ({ id, recordedAt: at(seconds) });
const snapshot = (over) => ({
  __typename: "FeedSnapshot", cursor: "s1", asOf: at(0), complete: true, alerts: [], sales: [], ...over,
});
const event = (cursor, payload) => ({
  __typename: "FeedEvent", cursor, recordedAt: at(1), payload,
});

function feedOf(...items) {
  const feed = feeds.emptyFeed();
  for (const item of items) feeds.applyItem(feed, item);
  return feed;
}

test("a snapshot may come in several chunks and is whole with the last one", () => {
  const first = snapshot({ complete: false, alerts: [alert("a")] });
  const feed = feedOf(first);
  assert.equal(feed.isComplete, false);
  feeds.applyItem(feed, snapshot({ cursor: "s2", alerts: [alert("b")], sales: [sale("x")] }));
  assert.equal(feed.isComplete, true);
  assert.deepEqual([...feed.alerts.keys()], ["a", "b"]);
  assert.equal(feed.cursor, "s2");
});

test("what a later snapshot does not name is gone", () => {
  const feed = feedOf(snapshot({ alerts: [alert("a"), alert("b")] }));
  feeds.applyItem(feed, snapshot({ alerts: [alert("b")] }));
  assert.deepEqual([...feed.alerts.keys()], ["b"]);
});

test("of one alert the highest version is kept, whatever the order", () => {
  const feed = feedOf(
    event("c1", { alert: alert("a", { version: 3, state: "RESOLVED" }) }),
    event("c2", { alert: alert("a", { version: 2 }) }),
  );
  assert.equal(feed.alerts.get("a").state, "RESOLVED");
});

test("sales stand where they were sold, however late they were recorded", () => {
  const late = { id: "late", soldAt: at(-9_000), recordedAt: at(2) };
  const fast = { id: "fast", soldAt: at(9_000), recordedAt: at(0) };
  const feed = feedOf(event("c1", { sale: late }), event("c2", { sale: fast }), event("c3", { sale: sale("now", 1) }));
  assert.deepEqual([...feed.sales.map(({ id }) => id)], ["now", "fast", "late"]);
  assert.equal(feeds.soldAt(late), late.soldAt);
  assert.equal(feeds.soldAt(fast), fast.recordedAt);
});

test("each item moves the cursor from which the feed resumes", () => {
  const feed = feedOf(snapshot(), event("c7", { sale: sale("x") }), {
    __typename: "FeedHeartbeat", cursor: "c9", serverTime: at(5),
  });
  assert.equal(feed.cursor, "c9");
  assert.equal(feed.asOf, Date.parse(at(5)));
});

test("an event of another topic's kind moves the cursor and nothing else", () => {
  const feed = feedOf(event("c1", { __typename: "ProductChanged" }));
  assert.equal(feed.cursor, "c1");
  assert.equal(feed.alerts.size + feed.sales.length, 0);
});

test("a gap is counted and asks for a new snapshot, while the old data stay in sight", () => {
  const feed = feedOf(snapshot({ alerts: [alert("a")] }));
  const mustRestart = feeds.applyItem(feed, {
    __typename: "FeedGap", cursor: "g", reason: "RETENTION",
  });
  assert.equal(mustRestart, true);
  assert.equal(feed.gaps, 1);
  assert.equal(feed.cursor, null);
  assert.equal(feed.alerts.size, 1);
});

test("a sale that a new snapshot repeats is shown once", () => {
  const feed = feedOf(event("c1", { sale: sale("x") }), snapshot({ sales: [sale("x")] }));
  assert.equal(feed.sales.length, 1);
});

test("the newest sales are kept, newest first", () => {
  const feed = feedOf(
    ...Array.from({ length: 100 }, (_, n) => event(`c${n}`, { sale: sale(`s${n}`, n) })),
  );
  assert.equal(feed.sales.length, feeds.KEPT_SALES);
  assert.equal(feed.sales[0].id, "s99");
});

test("critical alerts come first, resolved ones last and only for a while", () => {
  const feed = feedOf(
    snapshot({
      alerts: [
        alert("old", { state: "RESOLVED", updatedAt: at(-600) }),
        alert("done", { state: "RESOLVED", updatedAt: at(-10) }),
        alert("warning", { updatedAt: at(-1) }),
        alert("critical", { severity: "CRITICAL", updatedAt: at(-60) }),
      ],
    }),
  );
  assert.deepEqual(feeds.shownAlerts(feed, NOW).map(({ id }) => id), ["critical", "warning", "done"]);
  feeds.forgetResolved(feed, NOW);
  assert.equal(feed.alerts.has("old"), false);
});
