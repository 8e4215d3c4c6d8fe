import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { load } from "./assets.mjs";

const { connection } = load("20-connection");

let options;
let subscriptions;
let requests;
let answers;

beforeEach(() => {
  subscriptions = [];
  requests = [];
  answers = [];
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
        terminate() {},
        dispose() {},
      };
    },
  };
  globalThis.fetch = async (url) => {
    requests.push(url);
    const { status = 200, body = { authorization: "Bearer t", url: "ws://there" } } =
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
    tokenUrl: "/live/token",
    heard: (...what) => heard.push(what.filter((part) => part !== undefined)),
  });
  return { live, heard };
}

test("a wait grows, is capped and never the same for everybody", () => {
  assert.equal(connection.waitBefore(0, () => 0), 125);
  assert.equal(connection.waitBefore(3, () => 1), 2_000);
  assert.equal(connection.waitBefore(50, () => 1), 5_000);
});

test("each connection begins with a token of its own", async () => {
  connect();
  assert.equal(await options.url(), "ws://there");
  assert.deepEqual(options.connectionParams(), { authorization: "Bearer t" });
  await options.url();
  assert.deepEqual(requests, ["/live/token", "/live/token"]);
});

test("after a refusal the cached token is not taken again", async () => {
  connect();
  options.on.closed({ code: 4403 });
  await options.url();
  options.on.connected();
  await options.url();
  assert.deepEqual(requests, ["/live/token?renew=1", "/live/token"]);
});

test("one refusal is an expired token, a second one a fault to be shown", () => {
  const { heard } = connect();
  options.on.closed({ code: 4403 });
  options.on.closed({ code: 4403 });
  assert.deepEqual(heard, [
    ["closed", 4403],
    ["closed", 4403],
    ["fault", "CREDENTIALS_REFUSED"],
  ]);
});

test("without a token it says so and asks again, and never gives up by throwing", async () => {
  answers = [{ status: 503, body: { code: "BACKEND_UNREACHABLE" } }];
  const { heard } = connect();
  assert.equal(await options.url(), "ws://there");
  assert.deepEqual(heard, [["fault", "NO_TOKEN"]]);
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
