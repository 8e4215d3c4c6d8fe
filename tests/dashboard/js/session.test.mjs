import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { session } = load("15-session");

test("the token of this port is taken, not that of a neighbour", () => {
  const cookies = "shelfcast_csrf_8051=other; shelfcast_csrf_8050=own; theme=dark";
  assert.equal(session.csrfToken(cookies, "8050"), "own");
  assert.equal(session.csrfToken(cookies, "9999"), "");
});

test("under HTTPS the name carries no port", () => {
  assert.equal(session.csrfToken("__Host-shelfcast_csrf=own", "8443"), "own");
});

test("a cookie that only ends like ours is not ours", () => {
  assert.equal(session.csrfToken("not_shelfcast_csrf_8050=theirs", "8050"), "");
});
