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
  let width = 0;
  new ResizeObserver(function () {
    if (window.innerWidth !== width) { width = window.innerWidth; lay(); }
  }).observe(document.documentElement);
  lay();
})();
