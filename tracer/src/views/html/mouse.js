// What the pointer does: hover, click, drag, wheel.

function listenToPointer() {
  const { canvas } = app;
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.offsetX, y: event.offsetY, view: { ...app.view }, scroll: app.scroll, moved: false, measure: event.shiftKey };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    app.pointer = { x: event.offsetX, y: event.offsetY };
    if (!drag) return tip(event);
    drag.moved ||= Math.abs(event.offsetX - drag.x) + Math.abs(event.offsetY - drag.y) > 3;
    if (drag.moved) dragged(drag, event);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) onClick(event.offsetX, event.offsetY);
    drag = null;
  });
  canvas.addEventListener("pointercancel", () => (drag = null));
  canvas.addEventListener("pointerleave", () => {
    app.pointer = null;
    app.tip.hidden = true;
  });
  canvas.addEventListener("dblclick", (event) => event.offsetX > GUTTER && fitPick());
  canvas.addEventListener("wheel", onWheel, { passive: false });
  app.scroller.addEventListener("scroll", () => {
    app.scroll = app.scroller.scrollTop;
    redraw();
  });
  listenToOverview();
  listenToSplit();
}

function dragged(drag, event) {
  app.tip.hidden = true;
  const scale = (drag.view.to - drag.view.from) / app.size.body;
  if (drag.measure) {
    const times = [drag.x, event.offsetX].map((x) => clamp(timeAt(Math.max(x, GUTTER)), 0, app.end));
    app.measure = { from: Math.min(...times), to: Math.max(...times) };
    showDetails();
    return redraw();
  }
  const by = (event.offsetX - drag.x) * scale;
  setView(drag.view.from - by, drag.view.to - by);
  scrollBy(drag.scroll - (event.offsetY - drag.y) - app.scroll);
}

function onWheel(event) {
  event.preventDefault();
  const step = event.deltaMode === 1 ? 20 : 1;
  if (event.ctrlKey) return zoom(Math.exp(clamp(event.deltaY * step, -200, 200) / 250), timeAt(Math.max(GUTTER, event.offsetX)));
  const across = event.shiftKey ? event.deltaY : event.deltaX;
  if (across) pan((across * step) / app.size.body);
  if (!event.shiftKey && event.deltaY) scrollBy(event.deltaY * step);
}

function tip(event) {
  const text = factsAt(event.offsetX, event.offsetY);
  app.tip.hidden = !text;
  app.tip.textContent = text;
  app.canvas.style.cursor = text.includes("\nclick ") ? "pointer" : "";
  if (!text) return;
  const { offsetWidth, offsetHeight } = app.tip;
  app.tip.style.left = `${Math.min(event.clientX + 14, innerWidth - offsetWidth - 4)}px`;
  app.tip.style.top = `${event.clientY + 18 + offsetHeight > innerHeight ? event.clientY - offsetHeight - 8 : event.clientY + 18}px`;
}

function listenToOverview() {
  const { strip } = app;
  const go = (event) => {
    const half = (app.view.to - app.view.from) / 2;
    const at = overviewTime(event.offsetX);
    setView(at - half, at + half);
  };
  strip.addEventListener("pointerdown", (event) => {
    strip.setPointerCapture(event.pointerId);
    go(event);
  });
  strip.addEventListener("pointermove", (event) => event.buttons && go(event));
  strip.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(clamp(event.deltaY, -200, 200) / 250), (app.view.from + app.view.to) / 2);
  }, { passive: false });
}

function listenToSplit() {
  const split = document.getElementById("split");
  const below = document.getElementById("below");
  split.addEventListener("pointerdown", (event) => split.setPointerCapture(event.pointerId));
  split.addEventListener("pointermove", (event) => {
    if (!event.buttons) return;
    below.style.height = `${clamp(innerHeight - event.clientY - 3, 40, innerHeight - 220)}px`;
    relist();
  });
}
