import assert from "node:assert/strict";
import { test } from "node:test";
import { FORMATS, load } from "./assets.mjs";

const { formats } = load("10-formats");

test("an age is told in the unit that says enough", () => {
  const told = [0, 400, 9_999, 12_000, 59_999, 3 * 60_000, 2 * 3_600_000, 3 * 86_400_000];
  assert.deepEqual(told.map(formats.ageText), [
    "0.0 s", "0.4 s", "10.0 s", "12 s", "59 s", "3 min", "2 h", "3 d",
  ]);
});

test("an age in a list has no tenths", () => {
  assert.equal(formats.roundAgeText(1_700), "1 s");
});

test("a decimal that is not known stays unknown and is shown as a dash", () => {
  const { moneyWhole } = formats.formatsFor(FORMATS);
  assert.equal(formats.toNumber(null), null);
  assert.equal(formats.toNumber("12.5000"), 12.5);
  assert.equal(moneyWhole(null), formats.NOT_KNOWN);
});

test("money is written in the organisation's currency", () => {
  const { moneyWhole, moneyExact } = formats.formatsFor({ ...FORMATS, currency: "JPY" });
  assert.equal(moneyWhole(1234.4), "¥1,234");
  assert.equal(moneyExact(1234.4), "¥1,234");
});

test("a loss has a minus, not a hyphen", () => {
  const { moneyExact, moneyShort, percent, moneyIn } = formats.formatsFor(FORMATS);
  assert.equal(moneyExact(-4.5), "−$4.50");
  assert.equal(moneyShort(-4500), "−$4.5k");
  assert.deepEqual([19.1, -24.9, 15, 127.6, null].map(moneyShort), ["$19.10", "−$24.90", "$15", "$128", "–"]);
  assert.equal(percent(-0.25), "−25.0%");
  assert.equal(moneyIn(-1, "EUR"), "−€1.00");
});

test("times are those of the organisation's time zone, with its name", () => {
  const written = formats.formatsFor(FORMATS);
  const noon = Date.parse("2026-07-01T16:00:05Z");
  assert.equal(written.second(noon), "12:00:05");
  assert.equal(written.zoneName(noon), "EDT");
});

test("a zone nobody knows is read as UTC", () => {
  assert.equal(formats.knownZone("Mars/Olympus"), "UTC");
});

test("a change of a percentage is told in points, of anything else as a part of what it was", () => {
  const written = formats.formatsFor(FORMATS);
  const told = (change) => formats.change(change, written);

  assert.equal(told({ unit: "percent", value: 0.127, before: 0.134 }), "▼ 0.7 pts");
  assert.equal(told({ unit: "money", value: 120, before: 100 }), "▲ 20.0%");
  assert.equal(told({ unit: "money", value: 2345, before: 100 }), "▲ ×23.5");
  assert.equal(told({ unit: "money", value: -2345, before: -100 }), "▼ 2,245.0%");
  assert.equal(told({ unit: "money", value: 5, before: 0 }), "▲");
  assert.equal(told({ unit: "count", value: 5, before: 5 }), "=");
});
