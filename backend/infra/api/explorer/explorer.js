// Sends one operation; a subscription streams over SSE until it is stopped.
const at = (id) => document.getElementById(id);
let running = null;

function show(text, status) {
  at("answer").textContent = text;
  at("status").textContent = status;
}

async function stream(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const kept = [];
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const data = part.split("\n").filter((line) => line.startsWith("data:")).map((line) => line.slice(5)).join("");
      if (data.trim()) kept.unshift(JSON.stringify(JSON.parse(data), null, 2));
    }
    kept.length = Math.min(kept.length, 50);
    show(kept.join("\n\n"), "live, newest first");
  }
}

async function run() {
  running?.abort();
  running = new AbortController();
  at("stop").disabled = false;
  const query = at("query").value;
  const isLive = /^\s*subscription\b/m.test(query);
  show("", "waiting");
  try {
    const response = await fetch("/graphql", {
      method: "POST",
      signal: running.signal,
      headers: {
        "Content-Type": "application/json",
        Accept: isLive ? "text/event-stream" : "application/json",
        Authorization: `Bearer ${at("token").value.trim()}`,
      },
      body: JSON.stringify({ query, variables: JSON.parse(at("variables").value || "{}") }),
    });
    if (response.headers.get("content-type").startsWith("text/event-stream")) await stream(response);
    else show(JSON.stringify(await response.json(), null, 2), `HTTP ${response.status}`);
  } catch (error) {
    if (error.name === "AbortError") at("status").textContent = "stopped";
    else show(String(error), "failed");
  }
  at("stop").disabled = true;
}

document.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  run();
});
at("stop").addEventListener("click", () => running?.abort());
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) run();
});
