// Markdown of boards as elements: a small part of it, made of text nodes only, so HTML stays text.
(() => {
  const MOST_DEPTH = 4;
  const SAFE_LINK = /^(https?:\/\/|\/(?!\/))/i;
  const INLINE = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*)|(\[[^\]]+\]\([^)\s]+\))/;

  const block = (tag, children) => ({ tag, children });

  // Returns what stands in a line: text, code, stress, links to http(s) or to a page here.
  function inline(text, depth = 0) {
    const found = depth < MOST_DEPTH ? INLINE.exec(text) : null;
    if (!found) return text ? [text] : [];
    const [whole, code, strong, stress] = found;
    const before = text.slice(0, found.index);
    return [...(before ? [before] : []), marked(whole, { code, strong, stress }, depth),
      ...inline(text.slice(found.index + whole.length), depth)];
  }

  function marked(whole, { code, strong, stress }, depth) {
    if (code) return block("code", [whole.slice(1, -1)]);
    if (strong) return block("strong", inline(whole.slice(2, -2), depth + 1));
    if (stress) return block("em", inline(whole.slice(1, -1), depth + 1));
    const [, label, href] = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(whole);
    if (!SAFE_LINK.test(href)) return label;
    return { tag: "a", href, children: inline(label, depth + 1) };
  }

  function kindOf(line) {
    if (/^#{1,3}\s+/.test(line)) return "head";
    if (/^\s*[-*+]\s+/.test(line)) return "ul";
    if (/^\s*\d{1,3}[.)]\s+/.test(line)) return "ol";
    if (/^>\s?/.test(line)) return "blockquote";
    return line.trim() ? "p" : "";
  }

  function parse(source) {
    const blocks = [];
    let last = "";
    for (const line of String(source).split(/\r?\n/)) {
      const kind = kindOf(line);
      const text = line.replace(/^(#{1,3}\s+|\s*[-*+]\s+|\s*\d{1,3}[.)]\s+|>\s?)/, "").trim();
      const open = blocks.at(-1);
      if (kind === "head") blocks.push(block("h3", inline(text)));
      else if (kind === "ul" || kind === "ol") {
        const item = block("li", inline(text));
        if (last === kind) open.children.push(item);
        else blocks.push(block(kind, [item]));
      } else if (kind === "p" || kind === "blockquote") {
        if (last === kind) open.children.push(" ", ...inline(text));
        else blocks.push(block(kind, inline(text)));
      }
      last = kind;
    }
    return blocks;
  }

  function element({ tag, href, children }) {
    const made = document.createElement(tag);
    if (href) Object.assign(made, { href, rel: "noopener noreferrer nofollow" });
    made.append(...children.map((child) => (typeof child === "string" ? child : element(child))));
    return made;
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    markdown: { parse, show: (holder, source) => holder.replaceChildren(...parse(source).map(element)) },
  };
})();
