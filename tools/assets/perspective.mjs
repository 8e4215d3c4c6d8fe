// What the pivot page needs of Perspective: the viewer with its data grid, and a client whose
// questions a handler of ours answers. No engine, no worker.
import "regular-layout";
import * as wasm from "@perspective-dev/viewer/dist/wasm/perspective-viewer.js";
import { extract } from "pro_self_extracting_wasm";

// The viewer writes an event handler into an attribute, which no strict policy lets run: it is left
// out, and done by a listener.
const write = Element.prototype.setAttribute;
Element.prototype.setAttribute = function setAttribute(name, value) {
  if (!/^on/i.test(name)) return write.call(this, name, value);
  this.addEventListener("input", () => (this.parentNode.dataset.value = this.value));
};

export async function start(source) {
  const bytes = await extract(await (await fetch(source)).arrayBuffer());
  const module = await WebAssembly.compile(bytes);
  await wasm.default({ module_or_path: module });
  await wasm.init(module, new URL(import.meta.url));
  await import("@perspective-dev/viewer-datagrid");
}

export function clientOf(handler) {
  const server = new wasm.VirtualServer(handler);
  const client = new wasm.Client(
    async (request) => {
      const answer = await server.handleRequest(request.slice());
      client.handle_response(answer.slice().buffer);
    },
    async () => {},
  );
  return client;
}
