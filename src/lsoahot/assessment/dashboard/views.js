"use strict";
/* The map, the table and the charts, filled with what was chosen. */

function feed(name, data) {
  const view = views[name];
  if (!view) return;
  for (const [set, values] of Object.entries(data)) {
    view.change(set, vega.changeset().remove(() => true).insert(values));
  }
  view.runAsync();
}

function drawMap() {
  const { title, legend, fills } = painted();
  const inside = new Set(members(state.choice));
  const chosen = new Set(state.choice.kind === "areas" ? state.choice.areas : []);
  const district = state.choice.kind === "district";
  feed("map", {
    values: rows.map((row) => ({
      i: row.i, fill: fills[row.i], text: `${row.name}: ${areaText(row).replaceAll("\n", "; ")}`,
      picked: chosen.has(row.i), shown: !district || inside.has(row.i),
    })),
  });
  $("map-title").textContent = `Map: ${title[0].toLowerCase()}${title.slice(1)}`;
  $("legend").replaceChildren(...legend.filter((c) => c.n).map((c) => {
    const item = el("li", "");
    const swatch = el("span", "", { class: "swatch" });
    swatch.style.background = c.colour;
    item.append(swatch, `${c.text} (${c.n})`);
    return item;
  }));
  $("map").setAttribute("aria-label", `Map of ${plural(AREAS.length, "area", "areas")}: ${title}`);
}

function ordered() {
  const inside = new Set(members(state.choice.kind === "district" ? state.choice : { kind: "all" }));
  const key = {
    rank: (r) => (r.rank ? -r.rank : NaN), name: (r) => r.name,
    hotspot: (r) => (r.hotspot ? -D.hotspots.indexOf(r.hotspot) : NaN),
    level: (r) => (r.level ? D.levels.indexOf(r.level) : NaN),
  }[state.by] || ((r) => r[state.by]);
  const way = state.down ? -1 : 1;
  return rows.filter((row) => inside.has(row.i)).sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    const [no, none] = [typeof x !== "string" && !isNumber(x), typeof y !== "string" && !isNumber(y)];
    if (no || none) return no - none || a.name.localeCompare(b.name);
    const first = typeof x === "string" ? x.localeCompare(y) : ["rank", "hotspot", "level"].includes(state.by) ? y - x : x - y;
    return first * way || a.name.localeCompare(b.name);
  });
}

/* The first rows are laid out at once, the others when what was asked for has been drawn. */
const FIRST = 60;
let waiting = { list: [], timer: 0 };

function layRest() {
  clearTimeout(waiting.timer);
  const { list } = waiting;
  waiting = { list: [], timer: 0 };
  if (list.length) $("table").tBodies[0].append(...list.map(lineOf));
}

function lineOf(row) {
  const chosen = state.choice.kind === "areas" && state.choice.areas.includes(row.i);
  const line = el("tr", undefined, { tabindex: "-1", "data-i": row.i, "aria-selected": chosen });
  const rate = el("td", rateText(row.rate), { class: "n" });
  if (isNumber(row.rate)) rate.append(" ", el("small", `(${limitsText(row)})`, { class: "limits" }));
  const hidden = withheldByArea(row), name = el("td", row.name, { class: "area" });
  if (row.streets) name.append(el("small", row.streets));
  const cell = (word, colours, text = word || "Not tested") => {
    const box = el("td", "", { class: "class" }), swatch = el("span", "", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = hidden ? D.colours.withheld : colours[word || "Not tested"];
    box.append(swatch, hidden ? "Withheld" : text);
    return box;
  };
  line.append(
    el("td", row.rank || "\u2013"), name, cell(row.level, D.colours.levels), el("td", countText(row.count), { class: "n" }),
    rate, el("td", isNumber(row.difference) ? signed(row.difference) : "\u2013", { class: "n" }), cell(row.hotspot, D.colours.hotspots, hotspotText(row)),
  );
  return line;
}

function drawTable() {
  const list = ordered();
  clearTimeout(waiting.timer);
  $("table").tBodies[0].replaceChildren(...list.slice(0, FIRST).map(lineOf));
  waiting = { list: list.slice(FIRST), timer: setTimeout(layRest, 100) };
  markRows();
  fitRows();
  for (const button of $("table").querySelectorAll("thead button")) {
    const head = button.parentElement;
    if (button.dataset.by === state.by) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  const where = state.choice.kind === "district" ? D.districts[state.choice.district] : "all areas";
  $("table-hint").textContent = `${plural(list.length, "area", "areas")}, ${where}; ranked by ${state.show}`;
}

/* Mark the areas chosen, and let the Tab key stop at the first of them. */
function markRows() {
  const chosen = new Set(state.choice.kind === "areas" ? state.choice.areas : []);
  let stop = null;
  for (const line of $("table").tBodies[0].rows) {
    const on = chosen.has(+line.dataset.i);
    if ((line.getAttribute("aria-selected") === "true") !== on) line.setAttribute("aria-selected", on);
    if (line.tabIndex === 0) line.tabIndex = -1;
    if (on && !stop) stop = line;
  }
  stop ||= $("table").tBodies[0].firstElementChild;
  if (stop) stop.tabIndex = 0;
}

/* The table ends with a whole row, wherever the card does. */
function fitRows() {
  const box = $("table").closest(".scroll"), room = box.parentElement.clientHeight - box.offsetTop - 8;
  const head = $("table").tHead.offsetHeight;
  box.style.scrollPaddingTop = `${head}px`;
  const { top } = box.getBoundingClientRect();
  let end = head;
  for (const line of $("table").tBodies[0].rows) {
    const place = line.getBoundingClientRect();
    if (place.top - top < head - 1) continue;  // scrolled out of sight
    if (place.bottom - top > room) break;
    end = Math.ceil(place.bottom - top);
  }
  box.style.maxHeight = `${end}px`;
}

function showRow(i) {
  const find = () => $("table").querySelector(`tr[data-i="${i}"]`);
  if (!find()) layRest();
  const line = find();
  if (!line) return;
  const box = line.closest(".scroll"), head = $("table").tHead.offsetHeight;
  const top = line.offsetTop - head, bottom = line.offsetTop + line.offsetHeight;
  // The row before it stays in sight.
  if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = (line.previousElementSibling || line).offsetTop - head;
  fitRows();
}

function blank(name, why) {
  const box = $(name);
  box.querySelector(".none")?.remove();
  box.firstElementChild?.toggleAttribute("hidden", Boolean(why));
  if (why) box.append(el("p", why, { class: "none" }));
}

function drawCharts() {
  const measure = measureOf(), { choice, category, period } = state, rate = state.show === "rate";
  const group = groupOf(choice);
  const people = residents(measure, choice), everyone = residents(measure, { kind: "all" });
  const monthly = series(measure, category, choice);
  const scaled = (v, by) => (isNumber(v) ? (rate ? (by > 0 ? v / by * 1000 : null) : v) : null);
  const shown = (v) => (rate ? `${tenth.format(v)} per 1,000` : whole.format(v));
  const withheld = monthly.includes(WITHHELD);
  const isPart = choice.kind !== "all";

  // Monthly trend.
  const all = rate && isPart ? series(measure, category, { kind: "all" }) : [];
  $("mean-key").hidden = MONTHS.length <= 12;
  $("all-key").hidden = !all.length;
  const from = periodMonths(period);
  const at = (i) => Date.UTC(+D.months[0].slice(0, 4), +D.months[0].slice(5) - 1 + i, 1);
  blank("trend", withheld ? "The months of a sensitive measure are not given where some are small, nor for a single area." : "");
  feed("trend", {
    months: monthly.map((v, i) => {
      const year = monthly.slice(Math.max(0, i - 11), i + 1);
      const value = scaled(v, people);
      return {
        i, at: at(i), end: at(i + 1), middle: (at(i) + at(i + 1)) / 2, value, one: rate ? 0.1 : 3,
        all: all.length ? scaled(all[i], everyone) : null,
        mean: year.length === 12 && year.every(isNumber) ? scaled(year.reduce((a, b) => a + b) / 12, people) : null,
        text: `${monthName(i)}: ${isNumber(v) ? `${plural(v, "record", "records")}${rate && value !== null ? `, ${value.toFixed(2)} per 1,000` : ""}` : word(v)}`,
      };
    }),
    year: [{ at: at(from.from), end: at(from.to) }],
  });
  views.trend.signal("unit", rate ? "Per 1,000 a month" : "Records a month").runAsync();

  // Year by year.
  const totals = YEARS.map((year, p) => total(measure, category, p, choice));
  const years = YEARS.map((year, p) => {
    const count = totals[p], r = rateOf(count, people, year.span);
    const value = rate ? r.rate : count;
    const before = p ? totals[p - 1] : NONE;
    const changed = isNumber(count) && isNumber(before);
    const move = changed ? percent(count - before, before).slice(2, -1) : "";
    return {
      p, order: p, room: isNumber(value) ? (rate ? r.upper : value) * 1.12 : 0, name: year.short, value: isNumber(value) ? value : null, now: p === period, one: rate ? 0.1 : 3,
      lower: rate && isNumber(value) ? r.lower : null,
      top: isNumber(value) ? (rate ? r.upper : value) : null,
      label: isNumber(value) ? `${rate ? tenth.format(value) : whole.format(value)}` : "\u2013",
      text: `${year.label}: ${countText(count)}${isNumber(r.rate) ? `, ${tenth.format(r.rate)} per 1,000 (95% limits ${limitsText(r)})` : ""}${move ? `; ${move} on the year before` : ""}`,
    };
  });
  feed("years", { years });
  views.years.signal("unit", rate ? "Per 1,000" : "Records").runAsync();
  const last = MONTHS[YEARS[0].to - 1].month;
  $("years-hint").textContent = `${YEARS[0].to - YEARS[0].from < 12 ? "The months there are" : last === 11 ? "Calendar years" : `Years to ${LONG[last]}`}${rate ? "; lines are 95% limits" : ""}`;
  blank("years", years.every((y) => y.value === null) ? (totals.includes(WITHHELD) ? "Every year of this area is withheld." : "No data.") : "");

  // Seasonal pattern: the mean of each calendar month, as if every month were equally long.
  const days = (i) => new Date(Date.UTC(MONTHS[i].year, MONTHS[i].month + 1, 0)).getUTCDate();
  const used = YEARS.filter((y) => y.to - y.from === 12 && monthly.slice(y.from, y.to).every(isNumber));
  const MEAN = 365.25 / 12;
  const season = Array.from({ length: 12 }, (_, m) => {
    let sum = 0, n = 0, now = null;
    for (const y of used) for (let i = y.from; i < y.to; i++) if (MONTHS[i].month === m) { sum += monthly[i] / days(i) * MEAN; n += 1; }
    if (period < EVERY_YEAR) {
      for (let i = from.from; i < from.to; i++) if (MONTHS[i].month === m && isNumber(monthly[i])) now = monthly[i] / days(i) * MEAN;
    }
    return { m, mean: n ? sum / n : null, now };
  });
  const even = used.length ? season.reduce((a, b) => a + b.mean, 0) / 12 : null;
  const peaks = group < 0 || (measure.sensitive && category) ? [] : SHORT.map((_, m) => m).filter((m) => measure.peaks.at3(group, category, m));
  blank("season", withheld ? "The months of a sensitive measure are not given where some are small, nor for a single area." : used.length ? "" : "A whole year of months is needed.");
  feed("season", {
    season: season.map((s) => ({
      order: s.m, room: used.length > 1 ? (scaled(s.now, people) || 0) * 1.05 : 0, name: SHORT[s.m], value: scaled(s.mean, people), top: used.length > 1 ? scaled(s.now, people) : null, even: scaled(even, people),
      now: peaks.includes(s.m), one: rate ? 0.1 : 3,
      text: `${LONG[s.m]}: ${s.mean === null ? "no data" : `${tenth.format(s.mean)} records in a mean year (adjusted for the length of the month)`}${used.length > 1 && s.now !== null ? `; ${tenth.format(s.now)} in the year shown` : ""}`,
    })),
  });
  views.season.signal("unit", rate ? "Per 1,000 a month" : "Records a month").runAsync();
  const hint = $("season-hint");
  hint.replaceChildren(`Mean of ${plural(used.length, "year", "years")}`);
  if (used.length > 1 && period < EVERY_YEAR) hint.append(" ", el("span", "", { class: "key diamond" }), "year shown");
  if (peaks.length) hint.append(" ", el("span", "", { class: "key full" }), `peak: ${peaks.map((m) => LONG[m]).join(", ")}`);

  // Mix of categories.
  const parts = mix(measure, period, choice);
  const before = period > 0 && period < EVERY_YEAR ? mix(measure, period - 1, choice) : [];
  const sum = total(measure, 0, period, choice);
  const bars = parts.map((part, k) => ({
    c: part.c, name: part.name, lines: inTwo(part.name), value: scaled(part.count, people), now: part.c === category, one: rate ? 0.1 : 1,
    before: before.length ? scaled(before[k].count, people) : null,
    label: isNumber(part.count) ? `${rate ? rateText(scaled(part.count, people)) : whole.format(part.count)}${sum >= D.least ? ` (${Math.round(part.count / sum * 100)}%)` : ""}` : word(part.count),
    text: `${part.name}: ${countText(part.count)}${before.length && isNumber(before[k].count) ? `; the year before ${countText(before[k].count)}` : ""}`,
  })).sort((a, b) => (b.value ?? -1) - (a.value ?? -1) || a.name.localeCompare(b.name)).map((bar, order) => ({ ...bar, order }));
  const hidden = parts.length > 0 && parts.every((part) => part.count === WITHHELD);
  blank("mix", !parts.length ? "This measure has a single category." : hidden ? "The categories of a sensitive measure are not given here: some are too small." : "");
  $("mix-hint").hidden = !before.length || !parts.length || hidden;
  // As charts.js decides whether there is room for names on two lines.
  const roomy = views.mix.height() / Math.max(1, bars.length) > SIZE * 2.6;
  const lines = bars.flatMap((bar) => (roomy ? bar.lines : [bar.name]));
  views.mix.signal("longest", Math.max(0, ...lines.map(widthOf)));
  feed("mix", { mix: bars });
}

/* How wide a text is, in the letters of the charts. */
const pen = document.createElement("canvas").getContext("2d");
function widthOf(text) {
  pen.font = `bold ${SIZE}px ${FONT}`;
  return pen.measureText(text).width;
}

/* A long name on two lines, parted where both are shortest. */
function inTwo(name) {
  if (name.length < 20) return [name];
  const parts = [...name.matchAll(/ /g)].map(({ index }) => [name.slice(0, index), name.slice(index + 1)]);
  const longest = (lines) => Math.max(...lines.map((line) => line.length));
  return parts.sort((a, b) => longest(a) - longest(b))[0] || [name];
}

const LONG = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
const SHORT = LONG.map((name) => name.slice(0, 3));
const monthName = (i) => `${LONG[MONTHS[i].month]} ${MONTHS[i].year}`;

function choiceName(choice) {
  if (choice.kind === "all") return D.place;
  if (choice.kind === "district") return D.districts[choice.district];
  if (choice.areas.length === 1) return AREAS[choice.areas[0]].name;
  return `${choice.areas.length} areas: ${choice.areas.slice(0, 4).map((i) => AREAS[i].name).join(", ")}${choice.areas.length > 4 ? " ..." : ""}`;
}
