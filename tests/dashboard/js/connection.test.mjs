import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { load } from "./assets.mjs";

const { connection } = load("20-connection");

let options;
let subscriptions;
let requests;
let answers;
let terminations;

beforeEach(() => {
  subscriptions = [];
  requests = [];
  answers = [];
  terminations = 0;
  globalThis.graphqlWs = {
    createClient(given) {
      options = given;
      return {
        subscribe(payload, sink) {
          const subscription = { payload, sink, isStopped: false };
          subscriptions.push(subscription);
          return () => {
            subscription.isStopped = true;
          };
        },
        terminate() {
          terminations += 1;
        },
        dispose() {},
      };
    },
  };
  globalThis.fetch = async (url) => {
    requests.push(url);
    const { status = 200, body = { ticket: `t${requests.length}`, url: "ws://there" } } =
      answers.shift() ?? {};
    return { ok: status === 200, status, json: async () => body };
  };
});

afterEach(() => {
  delete globalThis.graphqlWs;
});

function connect() {
  const heard = [];
  const live = connection.connect({
    ticketUrl: "/live/ticket",
    heard: (...what) => heard.push(what.filter((part) => part !== undefined)),
  });
  return { live, heard };
}

test("a wait grows, is capped and never the same for everybody", () => {
  assert.equal(connection.waitBefore(0, () => 0), 125);
  assert.equal(connection.waitBefore(3, () => 1), 2_000);
  assert.equal(connection.waitBefore(50, () => 1), 5_000);
});

test("each connection begins with a ticket of its own", async () => {
  connect();
  assert.equal(await options.url(), "ws://there");
  assert.deepEqual(options.connectionParams(), { ticket: "t1" });
  await options.url();
  assert.deepEqual(options.connectionParams(), { ticket: "t2" });
  assert.deepEqual(requests, ["/live/ticket", "/live/ticket"]);
});

test("before a token ends the next ticket is fetched, then the socket is left for it", async () => {
  connect();
  await options.url();
  options.on.ping(true, { reason: "TOKEN_EXPIRES", expiresAt: "soon" });
  assert.equal(terminations, 0);
  await new Promise(setImmediate);
  assert.equal(terminations, 1);
  await options.url();
  assert.deepEqual(options.connectionParams(), { ticket: "t2" });
  assert.equal(requests.length, 2);
  await options.url();
  assert.deepEqual(options.connectionParams(), { ticket: "t3" });
});

test("a warning without a ticket leaves the socket as it is", async () => {
  connect();
  answers = [{ status: 503, body: { code: "BACKEND_UNREACHABLE" } }];
  options.on.ping(true, { reason: "TOKEN_EXPIRES" });
  await new Promise(setImmediate);
  assert.equal(terminations, 0);
});

test("one refusal is a token that ended, a second one a fault to be shown", () => {
  const { heard } = connect();
  options.on.closed({ code: 4403 });
  options.on.closed({ code: 4403 });
  assert.deepEqual(heard, [
    ["closed", 4403],
    ["closed", 4403],
    ["fault", "CREDENTIALS_REFUSED"],
  ]);
});

test("without a ticket it says so and asks again, and never gives up by throwing", async () => {
  answers = [{ status: 503, body: { code: "BACKEND_UNREACHABLE" } }];
  const { heard } = connect();
  assert.equal(await options.url(), "ws://there");
  assert.deepEqual(heard, [["fault", "NO_TICKET"]]);
});

test("who was signed out is told once, and nothing is asked any more", async () => {
  answers = [{ status: 401, body: { code: "SIGNED_OUT" } }];
  const { heard } = connect();
  options.url();
  await new Promise(setImmediate);
  assert.deepEqual(heard, [["signedOut"]]);
  assert.equal(options.shouldRetry(), false);
  assert.equal(requests.length, 1);
});

test("retries have no end and wait for every kind of close", () => {
  connect();
  assert.equal(options.retryAttempts, Infinity);
  assert.equal(options.shouldRetry(new Error("anything")), true);
});

test("a subscription that the server ends is opened again", async () => {
  const { live } = connect();
  live.stream({ query: "q" }, { next() {}, failed() {} });
  subscriptions[0].sink.complete();
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(subscriptions.length, 2);
  live.close();
});

test("an error of the server is told by its code", () => {
  const { live } = connect();
  const told = [];
  live.stream({ query: "q" }, { next() {}, failed: (code) => told.push(code) });
  subscriptions[0].sink.error([{ message: "no", extensions: { code: "NOT_ALLOWED" } }]);
  assert.deepEqual(told, ["NOT_ALLOWED"]);
  live.close();
});

test("a restarted subscription hears nothing more of its former self", () => {
  const { live } = connect();
  const heard = [];
  const stream = live.stream({ query: "q" }, { next: (data) => heard.push(data), failed() {} });
  stream.restart();
  subscriptions[0].sink.next({ data: "old" });
  subscriptions[1].sink.next({ data: "new" });
  assert.deepEqual(heard, ["new"]);
  assert.equal(subscriptions[0].isStopped, true);
});

test("a query answers once, or fails with a code", async () => {
  const { live } = connect();
  const answered = live.query({ query: "q" });
  subscriptions[0].sink.next({ data: { is: "here" } });
  subscriptions[0].sink.complete();
  const failed = live.query({ query: "q" });
  subscriptions[1].sink.error([{ extensions: { code: "NOT_ALLOWED" } }]);
  assert.deepEqual(await answered, { is: "here" });
  await assert.rejects(failed, { message: "NOT_ALLOWED" });
});
