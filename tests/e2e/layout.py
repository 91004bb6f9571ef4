"""Narrow screens and large print: nothing sticks out, is cut, is too small to read or too small to touch."""

from playwright.sync_api import Page

# 320: the narrowest phone, and 1280 at 400 %. 640: 1280 at 200 %.
WIDTHS = (320, 360, 640)
# What is wrong with the layout as it stands, in words.
MEASURE = """({ touched }) => {
  const said = [], root = document.documentElement
  const name = element => `<${element.tagName.toLowerCase()} ${element.className || element.id}> ` +
    (element.getAttribute('aria-label') || element.textContent).trim().replace(/\\s+/g, ' ').slice(0, 30)
  const shown = element => element.checkVisibility({ visibilityProperty: true }) &&
    !element.closest('.visually-hidden, [hidden], .skip')
  const scrolls = element => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX)
  if (root.scrollWidth > root.clientWidth) said.push(`sideways: ${root.scrollWidth} > ${root.clientWidth}`)
  for (const element of document.querySelectorAll('body *')) {
    if (!shown(element)) continue
    const box = element.getBoundingClientRect(), style = getComputedStyle(element)
    if (!box.width || !box.height) continue
    let inside = element.parentElement
    while (inside && !scrolls(inside)) inside = inside.parentElement
    if (!inside && box.right > root.clientWidth + 1) said.push(`sticks out: ${name(element)}`)
    if (style.overflowX !== 'visible' && !scrolls(element) && element.scrollWidth > element.clientWidth + 1 &&
        !element.matches('input, .head-name')) said.push(`cut: ${name(element)}`)
    if (element.matches('input, select, textarea') && parseFloat(style.fontSize) < 16)
      said.push(`small print: ${name(element)} ${style.fontSize}`)
  }
  // A check box is touched by its label, a card by its whole face; a link in a sentence is as high as its line.
  const sentence = link => getComputedStyle(link).display.startsWith('inline') && link.closest('p, label') &&
    [...link.parentElement.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
  const touched_by = element => element.matches('[type=checkbox], [type=radio]') ? element.closest('label')
    : getComputedStyle(element, '::after').position === 'absolute' ? element.closest('.card') : element
  for (const element of touched ? document.querySelectorAll('a, button, input, select, textarea, summary') : []) {
    if (!shown(element) || (element.matches('a') && sentence(element))) continue
    const { width, height } = touched_by(element).getBoundingClientRect()
    const size = `${width.toFixed()}×${height.toFixed()}`
    if (width < 43.5 || height < 43.5) said.push(`hard to touch: ${name(element)} ${size}`)
  }
  return said
}"""


def faults(page: Page) -> list[str]:
    """Everything that does not fit, at each width; the page keeps the size that it had."""
    size, seen = page.viewport_size, []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 720})
        seen += [f"{width}: {fault}" for fault in page.evaluate(MEASURE, {"touched": width == 360})]
    assert size
    page.set_viewport_size(size)
    return seen
