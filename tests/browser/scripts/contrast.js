// Returns the visible texts of a page whose colour stands out too little from what is painted behind them (WCAG 2.2, 1.4.3).
// Texts on a canvas and disabled controls are left out.
() => {
  const drawing = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  // Any way of writing a colour becomes numbers by painting it once.
  const parse = (text) => {
    drawing.clearRect(0, 0, 1, 1);
    drawing.fillStyle = "rgba(0, 0, 0, 0)";
    drawing.fillStyle = text;
    drawing.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = drawing.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, under) => {
    const alpha = top[3];
    return [0, 1, 2].map((i) => top[i] * alpha + under[i] * (1 - alpha)).concat(1);
  };
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const parentOf = (element) => element.parentElement ?? element.getRootNode().host ?? null;
  const chain = (element) => {
    const found = [];
    for (let each = element; each; each = parentOf(each)) found.push(each);
    return found.reverse();
  };

  // The last shape of the same chart that is painted before the text and lies under its middle.
  const shapesBehind = (text) => {
    const box = text.getBoundingClientRect();
    const middle = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
    const chart = text.closest(".js-plotly-plot") ?? text.ownerSVGElement;
    return [...chart.querySelectorAll("path, rect, circle")].filter((shape) => {
      // A shape that only cuts others is not painted.
      if (shape.closest("clipPath, defs, mask")) return false;
      if (!(shape.compareDocumentPosition(text) & Node.DOCUMENT_POSITION_FOLLOWING)) return false;
      const style = getComputedStyle(shape);
      const matrix = shape.getScreenCTM();
      if (style.fill === "none" || style.visibility === "hidden" || !matrix) return false;
      return shape.isPointInFill(middle.matrixTransform(matrix.inverse()));
    });
  };

  // A small box, as a slider's handle, may carry text that is written beside it.
  const isBeside = (each, middle) => {
    const box = each.getBoundingClientRect();
    const outside = middle.x < box.left || middle.x > box.right || middle.y < box.top || middle.y > box.bottom;
    return outside && box.width < 40 && box.height < 40;
  };

  const backgroundOf = (element, middle) => {
    let colour = [255, 255, 255, 1];
    for (const each of chain(element)) {
      if (!isBeside(each, middle)) colour = over(parse(getComputedStyle(each).backgroundColor), colour);
    }
    if (element instanceof SVGElement) {
      for (const shape of shapesBehind(element)) {
        const style = getComputedStyle(shape);
        const fill = parse(style.fill);
        colour = over([...fill.slice(0, 3), fill[3] * style.fillOpacity * style.opacity], colour);
      }
    }
    return colour;
  };

  const isShown = (element, box) =>
    box.width > 1 &&
    box.height > 1 &&
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    !element.closest(":disabled, [aria-disabled='true'], [aria-hidden='true'], [inert]");

  const judge = (element, box, text, colourText) => {
    const style = getComputedStyle(element);
    const opacity = chain(element).reduce((share, each) => share * getComputedStyle(each).opacity, 1);
    const background = backgroundOf(element, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
    const colour = parse(colourText);
    const seen = over([...colour.slice(0, 3), colour[3] * opacity], background);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight, 10) >= 700);
    const reached = ratio(seen, background);
    // A mark of colour is no word: what is asked of parts of a picture is asked of it.
    const wanted = large || /^[■●]$/.test(text.trim()) ? 3 : 4.5;
    const hex = (values) => "#" + values.slice(0, 3).map((v) => Math.round(v).toString(16).padStart(2, "0")).join("");
    const place = element.closest("[data-testid]")?.dataset.testid ?? element.tagName.toLowerCase();
    return { text: text.slice(0, 60), place, ratio: reached, wanted, colour: hex(seen), background: hex(background) };
  };

  const judged = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent.trim();
    const element = node.parentElement;
    if (!text || ["SCRIPT", "STYLE", "NOSCRIPT", "TITLE"].includes(element.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    if (!isShown(element, box)) continue;
    const style = getComputedStyle(element);
    judged.push(judge(element, box, text, element instanceof SVGElement ? style.fill : style.color));
  }
  for (const field of document.querySelectorAll("input, textarea")) {
    const text = field.value || field.placeholder;
    if (!text || !["text", "search", "number", "email", "textarea"].includes(field.type)) continue;
    const box = field.getBoundingClientRect();
    if (!isShown(field, box)) continue;
    judged.push(judge(field, box, text, getComputedStyle(field, field.value ? null : "::placeholder").color));
  }
  return { texts: judged.length, faint: judged.filter((each) => each.ratio < each.wanted - 0.005) };
}
