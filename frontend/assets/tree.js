// Places and scale are set in the browser, which alone knows how wide the frame is. Laying out changes the height of the
// frame, so the observer acts on a new width only: a layout must not set off another one.
(function () {
  const box = document.getElementById("mynetwork");
  let layout = layouts.wide;
  function lay() {
    layout = window.innerWidth < 680 ? layouts.narrow : layouts.wide;
    const scale = Math.min(1, window.innerWidth / layout.width);
    box.style.height = Math.ceil(layout.height * scale) + "px";
    nodes.update(layout.places);
    edges.update(edges.getIds().map((id) => ({ id: id, hidden: layout.elbows.length > 0 })));
    network.setSize("100%", box.style.height);
    network.moveTo({ position: { x: layout.width / 2, y: layout.height / 2 }, scale: scale });
    network.redraw();
  }
  network.on("beforeDrawing", function (context) {
    for (const elbow of layout.elbows) {
      context.beginPath();
      context.moveTo(elbow.x, elbow.top);
      context.lineTo(elbow.x, elbow.bottom);
      context.lineTo(elbow.end, elbow.bottom);
      context.lineWidth = 2;
      context.strokeStyle = elbow.colour;
      context.stroke();
    }
  });
  // The frame has the origin of the page around it, so it can write in the page's font and press its buttons.
  const page = window.parent.document;
  const box_of = (id) => {
    const area = network.getBoundingBox(id);
    const [from, to] = [[area.left, area.top], [area.right, area.bottom]].map(([x, y]) => network.canvasToDOM({ x: x, y: y }));
    return { left: from.x, top: from.y, bottom: to.y };
  };
  const rule = document.getElementById("rule");
  network.on("hoverNode", function (event) {
    const area = box_of(event.node);
    rule.textContent = told[event.node].rule;
    rule.hidden = false;
    rule.style.left = Math.max(0, Math.min(area.left, window.innerWidth - rule.offsetWidth)) + "px";
    const below = area.bottom + 6;
    rule.style.top = (below + rule.offsetHeight > box.offsetHeight ? area.top - rule.offsetHeight - 6 : below) + "px";
    box.style.cursor = told[event.node].opens === null ? "default" : "pointer";
  });
  network.on("blurNode", function () { rule.hidden = true; box.style.cursor = "default"; });
  network.on("click", function (event) {
    const id = network.getNodeAt(event.pointer.DOM);
    const button = id === undefined ? null : page.querySelector(".st-key-open-" + told[id].opens + " button");
    if (button) button.click();
  });
  const face = getComputedStyle(page.querySelector("[data-testid=stApp]") || page.body).fontFamily;
  const faces = [...page.styleSheets].flatMap((sheet) => [...sheet.cssRules].filter((each) => each.constructor.name === "CSSFontFaceRule")
    .map((each) => each.cssText.replace(/url\("?([^")]+)"?\)/g, (all, path) => `url("${new URL(path, sheet.href || page.baseURI)}")`)));
  document.head.appendChild(document.createElement("style")).textContent = faces.join("\n");
  rule.style.fontFamily = face;
  document.fonts.load("14px " + face).then(() => document.fonts.load("bold 14px " + face)).then(function () {
    const kinds = (font) => Object.fromEntries(Object.entries(font).map(([name, value]) =>
      [name, name === "face" ? face : value && typeof value === "object" ? kinds(value) : value]));
    nodes.update(nodes.get().map((node) => ({ id: node.id, font: kinds(node.font) })));
    lay();
  });
  let width = 0;
  new ResizeObserver(function () {
    if (window.innerWidth !== width) { width = window.innerWidth; lay(); }
  }).observe(document.documentElement);
  lay();
})();
