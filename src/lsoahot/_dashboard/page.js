"use strict";
/* The controls, the table, the headline, and what links them: one choice, drawn everywhere. */

const $ = (id) => document.getElementById(id);
const state = {
  measure: 0, category: 0, period: EVERY_YEAR - 1, show: "count", paint: "value",
  choice: { kind: "all" }, by: "rank", down: false, zoom: null,
};
let rows = [];          // what the choice of measure, category and period says of each area
const views = {};

const measureOf = () => D.measures[state.measure];
const whole = new Intl.NumberFormat("en-GB");
const tenth = new Intl.NumberFormat("en-GB", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const isNumber = (v) => typeof v === "number" && !Number.isNaN(v);
const word = (v) => (v === WITHHELD ? "withheld" : "no data");
const countText = (v) => (isNumber(v) ? whole.format(v) : word(v));
const rateText = (v) => (isNumber(v) ? tenth.format(v) : word(v));
const limitsText = (r) => (isNumber(r.rate) ? `${tenth.format(r.lower)} to ${tenth.format(r.upper)}` : "");
const signed = (v) => (v > 0 ? "+" : v < 0 ? "\u2212" : "") + whole.format(Math.abs(v));
const percent = (v, from) => (from > 0
  ? ` (${v > 0 ? "+" : v < 0 ? "\u2212" : ""}${tenth.format(Math.abs(v) / from * 100)}%)` : "");
const plural = (n, one, many) => `${whole.format(n)} ${n === 1 ? one : many}`;
const perThousand = () => `per 1,000 residents${state.period === EVERY_YEAR ? ", a year on average" : ""}`;

function el(tag, text, attributes = {}) {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

/* ---- words ------------------------------------------------------------------------------- */

function verdictOf(choice, period) {
  const group = groupOf(choice);
  if (period < 1 || period >= EVERY_YEAR) return NONE;
  if (group < 0) {
    return choice.areas.length === 1 ? rows[choice.areas[0]].change : NONE;
  }
  const measure = measureOf();
  if (measure.sensitive && state.category) return NONE;
  const code = measure.verdict.at3(group, state.category, period);
  return code < 0 ? NONE : D.verdicts[code];
}

function changeSentence(verdict) {
  if (!verdict) return "";
  const way = /^rose/i.test(verdict) ? "rise" : /^fell/i.test(verdict) ? "fall" : "";
  if (way) return verdict.endsWith("90%") ? `perhaps a ${way} (90% sure)` : `a ${way} beyond chance`;
  return verdict === "Not tested" ? "not tested" : "no clear change: within what chance gives";
}

function whyHotspot(row) {
  const measure = measureOf();
  if (measure.sensitive && state.category) return "Hot spots of a sensitive measure are given for all categories together only.";
  if (row.count === WITHHELD) return "Withheld: the number is small, or would give a small one away.";
  if (!row.hotspot || row.hotspot === "Not tested") return "Not tested for hot spots: no data, no neighbours, or nothing to compare.";
  const numbers = isNumber(row.z) ? ` (Gi* z = ${row.z.toFixed(2)}, q = ${row.q < 0.001 ? "below 0.001" : row.q.toFixed(3)})` : "";
  const near = isNumber(row.around)
    ? `this area and the ${plural(D.areas.neighbours[row.i], "area", "areas")} around it average ${tenth.format(row.around)} per 1,000 against ${tenth.format(measure.mean[state.category][state.period])} over all that were tested`
    : "the rates of this area and of those around it, taken together";
  if (row.hotspot === "Not significant") return `Neither hot nor cold spot: ${near}${isNumber(row.around) ? ", which" : ","} could be chance${numbers}.`;
  const hot = row.hotspot.startsWith("Hot");
  return `${row.hotspot}: ${near}${isNumber(row.around) ? ", which is" : " are"} ${hot ? "higher" : "lower"} than chance would bring together${numbers}.`;
}

/* An area in words, for tooltips and for screen readers: its name, then the figures. */
function areaText(row) {
  const lines = [
    `${state.period === EVERY_YEAR ? "Records, all years" : "Records"}: ${countText(row.count)}`,
    `Rate: ${rateText(row.rate)}${isNumber(row.rate) ? ` per 1,000 (95% limits ${limitsText(row)})` : ""}`,
    row.rank ? `Rank by ${state.show}: ${row.rank} of ${row.of}` : "Not ranked",
  ];
  if (isNumber(row.difference)) {
    lines.push(`Change: ${signed(row.difference)}${percent(row.difference, row.before)}, ${changeSentence(row.change)}`);
  }
  lines.push(`Hot spots: ${row.count === WITHHELD ? "withheld" : row.hotspot || "not tested"}`);
  return lines.join("\n");
}

/* ---- colours ----------------------------------------------------------------------------- */

/* Classes of a ramp: the breaks come from Python, the same for every year of a category. */
function classes() {
  const all = measureOf().breaks[state.show];
  const breaks = all ? all[measureOf().sensitive ? 0 : state.category][state.period === EVERY_YEAR && state.show === "count" ? 1 : 0] : [];
  const format = state.show === "count" ? whole : tenth;
  return breaks.map((top, k) => {
    const low = k ? breaks[k - 1] : 0;
    const from = state.show === "count" ? (k ? Math.floor(low) + 1 : 0) : low;
    const ramp = D.colours.ramp;
    return {
      colour: ramp[breaks.length === 1 ? (top > 0 ? 2 : 0) : Math.round(k * (ramp.length - 1) / (breaks.length - 1))],
      top, text: from === top ? format.format(top) : `${format.format(from)} to ${format.format(top)}`,
    };
  });
}

function painted() {
  const inside = new Set(members(state.choice.kind === "district" ? state.choice : { kind: "all" }));
  if (state.paint === "hotspot") {
    const seen = D.hotspots.map((name) => ({ text: name, colour: D.colours.hotspots[name], n: 0 }));
    const hidden = { text: "Withheld", colour: D.colours.withheld, n: 0 };
    const fills = rows.map((row) => {
      const found = row.count === WITHHELD ? hidden : seen[D.hotspots.indexOf(row.hotspot || "Not tested")];
      found.n += inside.has(row.i);
      return found.colour;
    });
    return { title: "Hot and cold spots", legend: [...seen, hidden], fills };
  }
  const ramp = classes().map((c) => ({ ...c, n: 0 }));
  const other = { [WITHHELD]: { text: "Withheld", colour: D.colours.withheld, n: 0 }, none: { text: "No data", colour: D.colours.missing, n: 0 } };
  const fills = rows.map((row) => {
    const value = row[state.show];
    const found = isNumber(value)
      ? ramp.find((c) => value <= c.top * (1 + 1e-9)) || ramp[ramp.length - 1]
      : other[value === WITHHELD ? WITHHELD : "none"];
    found.n += inside.has(row.i);
    return found.colour;
  });
  const title = state.show === "count" ? "Records" : `Records ${perThousand()}`;
  return { title, legend: [...ramp, other[WITHHELD], other.none], fills };
}

/* ---- drawing ----------------------------------------------------------------------------- */

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
  }[state.by] || ((r) => r[state.by]);
  const way = state.down ? -1 : 1;
  return rows.filter((row) => inside.has(row.i)).sort((a, b) => {
    const [x, y] = [key(a), key(b)];
    const [no, none] = [typeof x !== "string" && !isNumber(x), typeof y !== "string" && !isNumber(y)];
    if (no || none) return no - none || a.name.localeCompare(b.name);
    const first = typeof x === "string" ? x.localeCompare(y) : state.by === "rank" || state.by === "hotspot" ? y - x : x - y;
    return first * way || a.name.localeCompare(b.name);
  });
}

const BRIEF = { "Not significant": "Neither" };

function drawTable() {
  const chosen = new Set(state.choice.kind === "areas" ? state.choice.areas : []);
  const list = ordered();
  const body = document.createDocumentFragment();
  for (const row of list) {
    const line = el("tr", undefined, { tabindex: "-1", "data-i": row.i, "aria-selected": chosen.has(row.i) });
    const rate = el("td", rateText(row.rate), { class: "n" });
    if (isNumber(row.rate)) rate.append(" ", el("small", `(${limitsText(row)})`, { class: "limits" }));
    const spot = el("td", "");
    const swatch = el("span", "", { class: "swatch", "aria-hidden": "true" });
    const hidden = row.count === WITHHELD;
    swatch.style.background = hidden ? D.colours.withheld : D.colours.hotspots[row.hotspot || "Not tested"];
    spot.append(swatch, hidden ? "Withheld" : BRIEF[row.hotspot] || (row.hotspot || "Not tested").replace(" spot", ""));
    spot.title = hidden ? "Withheld" : row.hotspot || "Not tested";
    line.append(
      el("td", row.rank || "\u2013"), el("td", row.name, { class: "area" }), el("td", countText(row.count), { class: "n" }),
      rate, el("td", isNumber(row.difference) ? signed(row.difference) : "\u2013", { class: "n" }), spot,
    );
    body.append(line);
  }
  const tbody = $("table").tBodies[0];
  const first = [...body.children].find((line) => chosen.has(+line.dataset.i)) || body.firstElementChild;
  if (first) first.tabIndex = 0;
  tbody.replaceChildren(body);
  for (const button of $("table").querySelectorAll("thead button")) {
    const head = button.parentElement;
    if (button.dataset.by === state.by) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
  const where = state.choice.kind === "district" ? D.districts[state.choice.district] : "all areas";
  $("table-hint").textContent = `${plural(list.length, "area", "areas")}, ${where}; ranked by ${state.show}`;
}

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

function showRow(i) {
  const line = $("table").querySelector(`tr[data-i="${i}"]`);
  if (!line) return;
  const box = line.closest(".scroll"), head = $("table").tHead.offsetHeight;
  const top = line.offsetTop - head, bottom = line.offsetTop + line.offsetHeight;
  if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - 40;
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
  $("all-key").hidden = !all.length;
  const from = periodMonths(period);
  const at = (i) => Date.UTC(+D.months[0].slice(0, 4), +D.months[0].slice(5) - 1 + i, 1);
  blank("trend", withheld ? "The months of a sensitive measure are not given for a single area." : "");
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
  blank("season", withheld ? "The months of a sensitive measure are not given for a single area." : used.length ? "" : "A whole year of months is needed.");
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
  if (peaks.length) hint.append(" ", el("span", "", { class: "key full" }), `peak beyond chance: ${peaks.map((m) => LONG[m]).join(", ")}`);

  // Mix of categories.
  const parts = mix(measure, period, choice);
  const before = period > 0 && period < EVERY_YEAR ? mix(measure, period - 1, choice) : [];
  const sum = total(measure, 0, period, choice);
  const bars = parts.map((part, k) => ({
    c: part.c, name: part.name, value: scaled(part.count, people), now: part.c === category, one: rate ? 0.1 : 1,
    before: before.length ? scaled(before[k].count, people) : null,
    label: isNumber(part.count) ? `${rate ? rateText(scaled(part.count, people)) : whole.format(part.count)}${sum ? ` (${Math.round(part.count / sum * 100)}%)` : ""}` : word(part.count),
    text: `${part.name}: ${countText(part.count)}${before.length && isNumber(before[k].count) ? `; the year before ${countText(before[k].count)}` : ""}`,
  })).sort((a, b) => (b.value ?? -1) - (a.value ?? -1) || a.name.localeCompare(b.name)).map((bar, order) => ({ ...bar, order }));
  const hidden = parts.length > 0 && parts.every((part) => part.count === WITHHELD);
  blank("mix", !parts.length ? "This measure has a single category." : hidden ? "The categories of a sensitive measure are not given here: some are too small." : "");
  feed("mix", { mix: bars });
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

function tile(label, big, small, kind = "") {
  const box = el("div", undefined, { class: kind });
  const value = el("dd", undefined, { class: "big" });
  value.append(big);
  box.append(el("dt", label), value, el("dd", small, { class: "small" }));
  return box;
}

function drawHeadline() {
  const measure = measureOf(), { choice, category, period } = state;
  const one = choice.kind === "areas" && choice.areas.length === 1 ? rows[choice.areas[0]] : null;
  const count = one ? one.count : total(measure, category, period, choice);
  const before = period > 0 && period < EVERY_YEAR ? (one ? one.before : total(measure, category, period - 1, choice)) : NONE;
  const r = one || rateOf(count, residents(measure, choice), periodYears(period));
  const what = measure.name + (category ? `: ${measure.categories[category]}` : "");
  $("who").textContent = choiceName(choice);
  $("showing").textContent = `${what}, ${periodLabel(period)}`;
  const changed = isNumber(count) && isNumber(before);
  const verdict = changed ? verdictOf(choice, period) : NONE;
  const sentence = changeSentence(verdict);
  const kind = sentence.startsWith("a rise") ? "rose" : sentence.startsWith("a fall") ? "fell" : "";
  const several = choice.kind === "areas" && !one;
  const tiles = [
    tile("Recorded", countText(count), period === EVERY_YEAR ? "in all the years" : "in the period"),
    tile(`Rate per 1,000 residents`, rateText(r.rate), isNumber(r.rate) ? `95% limits ${limitsText(r)}${period === EVERY_YEAR ? ", a year on average" : ""}` : ""),
    tile("Change on the year before", changed ? signed(count - before) + percent(count - before, before) : "\u2013",
      changed ? (several ? `from ${whole.format(before)}; not tested for several areas together` : `from ${whole.format(before)}: ${changeSentence(verdict) || "not tested"}`)
        : period < 1 || period === EVERY_YEAR ? "no year before to compare with" : [count, before].includes(WITHHELD) ? "withheld in one year or both" : "no data for both years", kind),
  ];
  if (one) {
    tiles.push(
      tile(`Rank by ${state.show}`, one.rank ? `${one.rank} of ${one.of}` : "\u2013",
        one.of < AREAS.length ? "among the areas with a figure" : "1 is the highest"),
      tile("Hot or cold spot", one.count === WITHHELD ? "withheld" : BRIEF[one.hotspot] || one.hotspot || "Not tested",
        [one.hotspot in BRIEF ? "not significant" : "", isNumber(one.z) && one.hotspot !== "Not tested" ? `Gi* z = ${one.z.toFixed(2)}` : ""].filter(Boolean).join("; ")),
    );
  } else {
    const who = members(choice).map((i) => rows[i]);
    const best = who.filter((row) => row.rank).sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))[0];
    const link = best ? el("button", best.name, { type: "button", id: "highest" }) : "\u2013";
    if (best) link.addEventListener("click", () => choose({ kind: "areas", areas: [best.i] }));
    const hot = who.filter((row) => row.hotspot?.startsWith("Hot")), cold = who.filter((row) => row.hotspot?.startsWith("Cold"));
    const tested = who.filter((row) => row.hotspot && row.hotspot !== "Not tested").length;
    tiles.push(
      tile(`Highest ${state.show}`, link, best ? (state.show === "count" ? plural(best.count, "record", "records") : `${rateText(best.rate)} per 1,000`)
        : who.some((row) => row.count === WITHHELD) ? "all numbers are withheld" : "no data"),
      tile("Hot spots", tested ? (hot.length ? plural(hot.length, "area", "areas") : "None") : "Not tested", tested ? `${plural(cold.length, "cold spot", "cold spots")}; ${whole.format(tested)} tested` : ""),
    );
  }
  $("tiles").replaceChildren(...tiles);
  if (one) $("story").textContent = whyHotspot(one);
  else tellHotspots(members(choice).map((i) => rows[i]), count);
}

/* Of many areas: which are hot spots; each name can be chosen. */
function tellHotspots(who, count) {
  const story = $("story"), measure = measureOf();
  const hot = who.filter((row) => row.hotspot?.startsWith("Hot"))
    .sort((a, b) => D.hotspots.indexOf(a.hotspot) - D.hotspots.indexOf(b.hotspot) || b.rate - a.rate);
  if (!isNumber(count)) story.textContent = `${choiceName(state.choice)}: ${word(count)} in this period.`;
  else if (measure.sensitive && (state.category || state.period === EVERY_YEAR)) story.textContent = "Small numbers of this measure are withheld; hot spots are given for single years and all categories together.";
  else if (!who.some((row) => row.hotspot && row.hotspot !== "Not tested")) story.textContent = measure.sensitive ? "Hot spots are not tested: too little is left where small numbers are withheld." : "Hot spots are not tested: there is no data, or all areas are alike.";
  else if (!hot.length) story.textContent = "No area stands out as a hot spot beyond chance. Choose an area on the map, in the table or by name to see its figures.";
  else {
    story.replaceChildren(hot.length === 1 ? "Hot spot: " : "Hot spots: ");
    hot.slice(0, 6).forEach((row, k) => {
      const link = el("button", row.name, { type: "button", class: "link" });
      link.addEventListener("click", () => choose({ kind: "areas", areas: [row.i] }));
      story.append(k ? ", " : "", link, ` (${row.hotspot.slice(9)})`);
    });
    story.append(`${hot.length > 6 ? ` and ${hot.length - 6} more` : ""}. Choose ${hot.length > 1 ? "one" : "it"} to read why.`);
  }
}

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
  if (choice.kind === "district" || districts !== "[null,null]") focusOn(choice.kind === "district" ? members(choice) : null);
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
  views.map.signal("focus", { type: "MultiPoint", coordinates: [[x0, y0], [x1, y1]] }).runAsync();
}
const focusOn = (list) => setExtent(boundsOf(list || AREAS.map((area) => area.i)));

function zoom(by) {
  let [x0, y0, x1, y1] = extent;
  let [cx, cy] = [(x0 + x1) / 2, (y0 + y1) / 2];
  if (state.choice.kind === "areas" && by < 1) {
    const [a, b, c, d] = boundsOf(state.choice.areas);
    [cx, cy] = [(a + c) / 2, (b + d) / 2];
  }
  const [w, h] = [(x1 - x0) / 2 * by, (y1 - y0) / 2 * by];
  setExtent([cx - w, cy - h, cx + w, cy + h]);
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
  for (const [term, text] of D.about) $("about").querySelector("dl").append(el("dt", term), el("dd", text));
  $("measure").append(...D.measures.map((measure, m) => el("option", measure.name, { value: m })));
  const periods = YEARS.map((year, p) => el("option", year.label, { value: p })).reverse();
  if (EVERY_YEAR > 1) periods.push(el("option", `All ${EVERY_YEAR} years`, { value: EVERY_YEAR }));
  $("period").append(...periods);
  $("period").value = state.period;
  $("area-names").append(...AREAS.map((area) => el("option", undefined, { value: area.name, label: area.code })));
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
  $("whole").addEventListener("click", () => focusOn(null));
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
  draw();
}

/* A whole name or code chooses at once; Enter takes the first that contains what was typed. */
function search(decided) {
  const typed = $("search").value.trim().toLowerCase();
  if (!typed) return;
  const same = AREAS.find((a) => a.name.toLowerCase() === typed || a.code.toLowerCase() === typed);
  const found = same || (decided && (AREAS.find((a) => a.name.toLowerCase().startsWith(typed)) || AREAS.find((a) => a.name.toLowerCase().includes(typed))));
  $("search").setAttribute("aria-invalid", decided && !found);
  if (!found) { if (decided) $("story").textContent = `No area is called \u201c${$("search").value.trim()}\u201d.`; return; }
  if (!(state.choice.kind === "areas" && state.choice.areas.length === 1 && state.choice.areas[0] === found.i)) choose({ kind: "areas", areas: [found.i] });
}

start();
document.documentElement.dataset.ready = "yes";
