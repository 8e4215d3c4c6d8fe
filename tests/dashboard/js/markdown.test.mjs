// Words of boards: what of Markdown is understood, and that nothing of it becomes HTML.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./assets.mjs";

const { markdown } = load("91-markdown");

test("lines make paragraphs, points and headings", () => {
  assert.deepEqual(markdown.parse("# Head\none\ntwo\n\n- a\n- b\n1. c"), [
    { tag: "h3", children: ["Head"] },
    { tag: "p", children: ["one", " ", "two"] },
    { tag: "ul", children: [{ tag: "li", children: ["a"] }, { tag: "li", children: ["b"] }] },
    { tag: "ol", children: [{ tag: "li", children: ["c"] }] },
  ]);
});

test("stress, code and links lie in a line", () => {
  assert.deepEqual(markdown.parse("**a** *b* `c` [d](https://x.example)"), [
    {
      tag: "p",
      children: [
        { tag: "strong", children: ["a"] }, " ", { tag: "em", children: ["b"] }, " ",
        { tag: "code", children: ["c"] }, " ",
        { tag: "a", href: "https://x.example", children: ["d"] },
      ],
    },
  ]);
});

test("HTML stays text, and links that run something lose their target", () => {
  const [html] = markdown.parse('<img src=x onerror="alert(1)">');
  assert.deepEqual(html, { tag: "p", children: ['<img src=x onerror="alert(1)">'] });
  for (const href of ["javascript:alert", "data:text/html,x", "//elsewhere.example", "vbscript:x"])
    assert.deepEqual(markdown.parse(`[a](${href})`), [{ tag: "p", children: ["a"] }]);
});

test("a long line of marks is read at once", () => {
  const source = "*".repeat(10_000) + "[".repeat(10_000);
  const before = process.cpuUsage();
  markdown.parse(source);
  // Its own time: others may be at work on the machine.
  assert.ok(process.cpuUsage(before).user < 1_000_000);
});
