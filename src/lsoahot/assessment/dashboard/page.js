"use strict";
/* The controls, and what links all views: a choice is made, and drawn everywhere. */

/* Draw everything anew; or, where other areas were chosen of the same list, only what they change. */
function draw(sameList) {
  if (sameList) markRows();
  else {
    rows = table(measureOf(), state.category, state.period, state.show);
    drawTable();
  }
  drawHeadline();
  drawMap();
  drawCharts();
  $("back").disabled = state.choice.kind === "all";
  $("district").value = state.choice.kind === "district" ? state.choice.district : -1;
  $("paint-value").textContent = state.show === "count" ? "Count" : "Rate";
  // Of the account of the records, that of the measure shown.
  for (const node of $("about").querySelectorAll("[data-measure]")) node.classList.toggle("other", +node.dataset.measure !== state.measure);
}

/* ---- choosing ---------------------------------------------------------------------------- */

function choose(choice, more) {
  if (more && choice.kind === "areas" && state.choice.kind === "areas") {
    const now = new Set(state.choice.areas), [i] = choice.areas;
    if (!now.delete(i)) now.add(i);
    choice = now.size ? { kind: "areas", areas: [...now] } : { kind: "all" };
  } else if (choice.kind === "areas" && state.choice.kind === "areas" && state.choice.areas.length === 1
    && state.choice.areas[0] === choice.areas[0]) choice = { kind: "all" };
  const districts = JSON.stringify([state.choice.district, choice.district]);
  state.choice = choice;
  focusOn(choice.kind === "all" ? null : members(choice), choice.kind === "areas" ? 1.5 : 1);
  draw(districts === "[null,null]");
  if (choice.kind === "areas") showRow(choice.areas[choice.areas.length - 1]);
}

function fillCategories() {
  $("category").replaceChildren(...measureOf().categories.map((name, c) => el("option", name, { value: c })));
  $("category").disabled = measureOf().categories.length < 2;
  $("category").value = state.category;
}

/* The map shows a rectangle of the grid: of all areas, of a district, or nearer. */
let extent = null;
const shapes = features();

function boundsOf(list) {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const i of list) {
    for (const part of shapes[i].geometry.coordinates) {
      for (const [x, y] of part[0]) { x0 = Math.min(x0, x); y0 = Math.min(y0, y); x1 = Math.max(x1, x); y1 = Math.max(y1, y); }
    }
  }
  return x0 < x1 ? [x0, y0, x1, y1] : [0, 0, 1, 1];
}

function setExtent(box) {
  extent = box;
  const [x0, y0, x1, y1] = box;
  views.map.signal("focus", { type: "MultiPoint", coordinates: [[x0, y0], [x1, y1]] });
}

/* Go to some areas, with so many times their size around them; a small one keeps its surroundings. */
function focusOn(list, around = 1) {
  const all = boundsOf(AREAS.map((area) => area.i));
  if (!list) { setExtent(all); return; }
  const [x0, y0, x1, y1] = boundsOf(list), [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  const least = Math.max(all[2] - all[0], all[3] - all[1]) / 16;
  const [w, h] = [x1 - x0, y1 - y0].map((side) => Math.max(side * (around === 1 ? 1 : 1 + 2 * around), around === 1 ? 0 : least) / 2);
  const box = [cx - w, cy - h, cx + w, cy + h];
  setExtent(around > 1 && w * 2 >= all[2] - all[0] && h * 2 >= all[3] - all[1] ? all : box);
}

function zoom(by) {
  let [x0, y0, x1, y1] = extent;
  let [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  if (state.choice.kind === "areas" && by < 1) {
    const [a, b, c, d] = boundsOf(state.choice.areas);
    [cx, cy] = [(a + c) / 2, (b + d) / 2];
  }
  const [w, h] = [(x1 - x0) / 2 * by, (y1 - y0) / 2 * by];
  setExtent([cx - w, cy - h, cx + w, cy + h]);
  views.map.runAsync();
}

/* ---- tooltips: text only, put in as text ---------------------------------------------------- */

function tip(_, event, item, value) {
  const box = $("tip");
  if (value === null || value === undefined || value === "") { box.hidden = true; return; }
  if (typeof value === "number") box.replaceChildren(el("b", rows[value].name), areaText(rows[value]));
  else box.textContent = value;
  box.hidden = false;
  const { innerWidth: w, innerHeight: h } = window;
  box.style.left = `${Math.max(4, Math.min(event.clientX + 14, w - box.offsetWidth - 8))}px`;
  box.style.top = `${event.clientY + 18 + box.offsetHeight > h ? Math.max(4, event.clientY - box.offsetHeight - 10) : event.clientY + 18}px`;
}

function put(name, spec, onClick) {
  const box = $(name), width = Math.max(60, box.clientWidth), height = Math.max(60, box.clientHeight);
  const view = new vega.View(vega.parse(spec, CONFIG, { ast: true }), {
    expr: vega.expressionInterpreter, renderer: "svg", container: box, hover: true, tooltip: tip,
  }).width(width).height(height);
  view.addEventListener("click", (event, item) => onClick(item?.datum, event, item));
  views[name] = view;
  new ResizeObserver(() => {
    const [w, h] = [box.clientWidth, box.clientHeight];
    if (w > 40 && h > 40 && (w !== view.width() || h !== view.height())) view.width(w).height(h).runAsync();
  }).observe(box);
}

/* ---- the page comes alive ------------------------------------------------------------------- */

function start() {
  $("notice").textContent = D.notice;
  $("notice").hidden = !D.notice;
  for (const [term, text] of D.about) {
    const m = D.measures.findIndex((measure) => measure.name === term);
    const of = m < 0 ? {} : { "data-measure": m };
    $("about").querySelector("dl").append(el("dt", term, of), el("dd", text, of));
  }
  $("measure").append(...D.measures.map((measure, m) => el("option", measure.name, { value: m })));
  const periods = YEARS.map((year, p) => el("option", year.label, { value: p })).reverse();
  if (EVERY_YEAR > 1) periods.push(el("option", `All ${EVERY_YEAR} years`, { value: EVERY_YEAR }));
  $("period").append(...periods);
  $("period").value = state.period;
  $("area-names").append(...AREAS.map((area) => el("option", undefined, { value: area.name, label: area.code })),
    ...[...new Set(STREETS.flatMap((names) => [...names]))].sort().map((name) => el("option", undefined, { value: name, label: "street" })));
  if (D.districts.length > 1) {
    $("district-choice").hidden = false;
    $("district").append(el("option", "All", { value: -1 }), ...D.districts.map((name, d) => el("option", name, { value: d })));
  }
  fillCategories();

  const onArea = (datum, event) => (datum?.properties ? choose({ kind: "areas", areas: [datum.properties.i] }, event.shiftKey || event.ctrlKey || event.metaKey) : undefined);
  const pickPeriod = (p) => { state.period = p; $("period").value = p; draw(); };
  put("map", mapSpec(shapes), onArea);
  focusOn(null);
  put("trend", trendSpec(), (datum) => {
    const p = datum && "i" in datum ? YEARS.findIndex((y) => datum.i >= y.from && datum.i < y.to) : -1;
    if (p >= 0) pickPeriod(p);
  });
  put("years", yearSpec(), (datum) => (datum && "p" in datum ? pickPeriod(datum.p) : undefined));
  put("season", seasonSpec(), () => {});
  put("mix", mixSpec(), (datum) => {
    if (!datum || !("c" in datum)) return;
    state.category = datum.c === state.category ? 0 : datum.c;
    $("category").value = state.category;
    draw();
  });

  $("measure").addEventListener("change", (event) => { state.measure = +event.target.value; state.category = 0; fillCategories(); draw(); });
  $("category").addEventListener("change", (event) => { state.category = +event.target.value; draw(); });
  $("period").addEventListener("change", (event) => pickPeriod(+event.target.value));
  $("district").addEventListener("change", (event) => choose(+event.target.value < 0 ? { kind: "all" } : { kind: "district", district: +event.target.value }));
  for (const name of ["show", "paint"]) {
    $(name).addEventListener("change", (event) => {
      state[name] = event.target.value;
      if (name === "paint") drawMap();
      else draw();
    });
  }
  $("back").addEventListener("click", () => { $("search").value = ""; choose({ kind: "all" }); });
  $("choices").addEventListener("submit", (event) => { event.preventDefault(); search(true); });
  $("search").addEventListener("input", () => search(false));
  $("search").addEventListener("change", () => search(true));
  $("closer").addEventListener("click", () => zoom(0.6));
  $("farther").addEventListener("click", () => zoom(1 / 0.6));
  $("whole").addEventListener("click", () => { focusOn(null); views.map.runAsync(); });
  $("table").tHead.addEventListener("click", (event) => {
    const { by } = event.target.dataset;
    if (!by) return;
    state.down = state.by === by ? !state.down : ["count", "rate", "difference"].includes(by);
    state.by = by;
    drawTable();
  });
  const body = $("table").tBodies[0];
  const pickRow = (line, event) => choose({ kind: "areas", areas: [+line.dataset.i] }, event.shiftKey || event.ctrlKey || event.metaKey);
  body.addEventListener("click", (event) => { const line = event.target.closest("tr"); if (line) pickRow(line, event); });
  body.addEventListener("keydown", (event) => {
    layRest();
    const line = event.target.closest("tr");
    const to = { ArrowDown: line?.nextElementSibling, ArrowUp: line?.previousElementSibling, Home: body.firstElementChild, End: body.lastElementChild }[event.key];
    if (to) { line.tabIndex = -1; to.tabIndex = 0; to.focus(); event.preventDefault(); }
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      pickRow(line, event);
      body.querySelector(`tr[data-i="${line.dataset.i}"]`)?.focus({ preventScroll: true });
    }
  });
  $("map").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const list = ordered();
    const now = state.choice.kind === "areas" ? list.findIndex((row) => row.i === state.choice.areas[0]) : step > 0 ? -1 : list.length;
    const next = list[Math.max(0, Math.min(list.length - 1, now + step))];
    if (!(state.choice.kind === "areas" && state.choice.areas[0] === next.i)) choose({ kind: "areas", areas: [next.i] });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    $("tip").hidden = true;
    if (state.choice.kind !== "all") choose({ kind: "all" });
  });
  $("more").addEventListener("click", () => {
    const open = $("choices").classList.toggle("open");
    $("more").setAttribute("aria-expanded", open);
    $("more").textContent = open ? "Fewer choices" : "More choices";
  });
  draw();
  new ResizeObserver(fitRows).observe($("table-card"));
  let still = 0;
  $("table").closest(".scroll").addEventListener("scroll", () => { clearTimeout(still); still = setTimeout(fitRows, 80); });
}

/* The streets that are named in each area, in any measure and period, without their numbers. */
const STREETS = AREAS.map(({ i }) => new Set(D.measures.flatMap(({ streets }) => (streets
  ? Array.from({ length: streets.at.length / AREAS.length }, (_, p) => streets.text[streets.at.at3(p, i)] || "") : []))
  .flatMap((text) => [...text.matchAll(/(?:^|, )(.+?) \([\d,]+\)/g)].map((found) => found[1]))));

/* A whole name or code chooses at once; so does a whole street. Enter takes every area whose name,
   or the streets named in it, hold what was typed. */
function search(decided) {
  const typed = $("search").value.trim(), low = typed.toLowerCase();
  if (!typed) return;
  const matches = (test) => AREAS.filter(test).map((area) => area.i);
  let found = matches((a) => a.name.toLowerCase() === low || a.code.toLowerCase() === low);
  if (!found.length) found = matches(({ i }) => [...STREETS[i]].some((name) => name.toLowerCase() === low));
  if (!found.length && decided) found = matches((a) => a.name.toLowerCase().includes(low));
  if (!found.length && decided) found = matches(({ i }) => [...STREETS[i]].some((name) => name.toLowerCase().includes(low)));
  $("search").setAttribute("aria-invalid", decided && !found.length);
  if (!found.length) { if (decided) $("story").textContent = `No area, and no street that is named, is called \u201c${typed}\u201d.`; return; }
  if (state.choice.kind !== "areas" || state.choice.areas.join() !== found.join()) choose({ kind: "areas", areas: found });
}

start();
document.documentElement.dataset.ready = "yes";
