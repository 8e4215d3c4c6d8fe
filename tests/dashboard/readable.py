"""Whether what a page says can be read in full, at the width it has."""

CUT = """() => {
  const isCut = (one) => getComputedStyle(one).overflowX !== "visible"
    && one.scrollWidth > one.clientWidth + 1;
  const hasWords = (one) => [...one.childNodes]
    .some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const texts = "h1, h2, h3, p, button, a, dt, dd, summary, legend, td, strong";
  return [...document.querySelectorAll(texts)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.title)
    .filter((one) => hasWords(one) && isCut(one))
    .map((one) => one.textContent.trim().slice(0, 60));
}"""


async def cut_texts(page):
    """Return the beginnings of texts whose end is cut off and told nowhere else."""
    return await page.evaluate(CUT)
