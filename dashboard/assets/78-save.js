// Saves what a panel shows: pictures are made here, files of rows by the server.
(() => {
  if (typeof document === "undefined") return;
  const SCALE = 2;
  const REVOKE_MS = 60_000;

  function download(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), REVOKE_MS);
  }

  const fileName = (page, panel, format) =>
    `${page}-${panel}-${new Date().toISOString().slice(0, 10)}.${format}`;

  // A picture stands alone: it gets the ground, the title and the moment that the page shows.
  async function chartPicture(graph, format, { title, ground, text }) {
    const { width, height } = graph.getBoundingClientRect();
    const figure = {
      data: graph.data,
      layout: {
        ...graph.layout,
        title: { text: title, font: { size: 15, color: text }, x: 0.01, xanchor: "left", y: 0.98, yanchor: "top" },
        margin: { ...graph.layout.margin, t: 56 },
        paper_bgcolor: ground,
      },
    };
    const size = { width: Math.max(640, Math.round(width)), height: Math.max(360, Math.round(height) + 48) };
    const url = await globalThis.Plotly.toImage(figure, { format, ...size, scale: format === "png" ? SCALE : 1 });
    return fromDataUrl(url);
  }

  function fromDataUrl(url) {
    const [head, body] = [url.slice(5, url.indexOf(",")), url.slice(url.indexOf(",") + 1)];
    const type = head.split(";")[0];
    if (!head.includes(";base64")) return new Blob([decodeURIComponent(body)], { type });
    return new Blob([Uint8Array.from(atob(body), (letter) => letter.codePointAt(0))], { type });
  }

  async function pngOf(svg, { width, height }) {
    const url = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
    try {
      const image = new Image();
      image.src = url;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = width * SCALE;
      canvas.height = height * SCALE;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    } finally {
      URL.revokeObjectURL(url);
    }
  }

  async function rows(page, panel, format, search) {
    const query = new URLSearchParams({ page, panel, format, view: search });
    const response = await fetch(`/live/rows?${query}`, { headers: { "X-Shelfcast-Page": "1" } });
    if (response.ok) return response.blob();
    const { message } = await response.json().catch(() => ({}));
    throw new Error(message ?? "The rows cannot be read just now. Try again.");
  }

  globalThis.shelfcast = {
    ...globalThis.shelfcast,
    save: { chartPicture, download, fileName, pngOf, rows },
  };
})();
