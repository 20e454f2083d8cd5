"use strict";
/* Reads what is packed in the page, and answers what a choice of measure, category, period and
   areas comes to. Counts are summed here; hot spots and tests come from Python as they are.
   A count of WITHHELD is not in the page at all: it was taken out before the page was written. */

const NONE = null;              // no data, or not to be had
const WITHHELD = "withheld";    // a small number that must not be shown

const D = JSON.parse(document.getElementById("lsoahot-data").textContent);

const ARRAYS = {
  u1: Uint8Array, i1: Int8Array, u2: Uint16Array, i2: Int16Array,
  u4: Uint32Array, i4: Int32Array, f4: Float32Array,
};

function unpack(packed) {
  if (!packed) return null;
  const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
  const values = new ARRAYS[packed.type](bytes.buffer);
  const [, n = 1, m = 1] = packed.shape;
  values.at3 = (i, j = 0, k = 0) => values[(i * n + j) * m + k];
  return values;
}

const AREAS = D.areas.name.map((name, i) => ({
  i, name, code: D.areas.code[i], district: D.areas.district[i],
}));
const POPULATIONS = D.areas.populations.map(unpack);   // NaN where there is none
const MONTHS = D.months.map((label, i) => ({
  i, label, year: +label.slice(0, 4), month: +label.slice(5) - 1,
}));
const YEARS = D.years;          // oldest first: {label, short, from, to}
const EVERY_YEAR = YEARS.length;  // the period that holds them all

for (const measure of D.measures) {
  for (const key of ["months", "years", "totals", "sums", "mix", "level", "hotspot", "z", "q", "around", "change",
    "verdict", "peaks"]) {
    measure[key] = unpack(measure[key]);
  }
  if (measure.streets) measure.streets.at = unpack(measure.streets.at);
  measure.silent = new Set(measure.silent);
}

/* The outlines as GeoJSON, in steps of a grid. */
function features() {
  const lengths = unpack(D.outlines.lengths), steps = unpack(D.outlines.steps);
  let l = 0, s = 0, x = 0, y = 0;
  return AREAS.map(({ i }) => {
    const parts = [];
    for (let p = lengths[l++]; p > 0; p--) {
      const rings = [];
      for (let r = lengths[l++]; r > 0; r--) {
        const ring = [];
        for (let v = lengths[l++]; v > 0; v--) ring.push([x += steps[s++], y += steps[s++]]);
        rings.push(ring);
      }
      parts.push(rings);
    }
    return { type: "Feature", properties: { i }, geometry: { type: "MultiPolygon", coordinates: parts } };
  });
}

const periodMonths = (period) => (period === EVERY_YEAR
  ? { from: YEARS[0].from, to: YEARS[YEARS.length - 1].to }
  : YEARS[period]);
const periodYears = (period) => (period === EVERY_YEAR ? YEARS.length : YEARS[period].span);
const periodLabel = (period) => (period === EVERY_YEAR
  ? `${YEARS[0].label.split(" to ")[0]} to ${YEARS[YEARS.length - 1].label.split(" to ")[1]}`
  : YEARS[period].label);

function known(measure, from, to) {
  for (let t = from; t < to; t++) if (measure.silent.has(t)) return false;
  return true;
}

/* What a packed count says: -1 is no data, -2 withheld. */
const meant = (n) => (n >= 0 ? n : n === -1 ? NONE : WITHHELD);

/* The number of records of one area in a period: a number, WITHHELD, or NONE. */
function countOf(measure, category, period, i) {
  const { from, to } = periodMonths(period);
  if (!known(measure, from, to)) return NONE;
  if (measure.months) {
    let sum = 0;
    for (let t = from; t < to; t++) {
      const n = measure.months.at3(category, i, t);
      if (n < 0) return NONE;
      sum += n;
    }
    return sum;
  }
  if (category) return WITHHELD;     // a sensitive measure's categories are not given by area
  if (period < EVERY_YEAR) {
    return meant(measure.years.at3(i, period));
  }
  let sum = 0;
  for (let p = 0; p < EVERY_YEAR; p++) {
    const value = meant(measure.years.at3(i, p));
    if (typeof value !== "number") return value;  // with the other years it would give it away
    sum += value;
  }
  return sum;
}

/* The choice: {kind: "all"} | {kind: "district", district} | {kind: "areas", areas: [i, ...]}. */
function members(choice) {
  if (choice.kind === "areas") return choice.areas;
  const all = AREAS.map((area) => area.i);
  return choice.kind === "all" ? all : all.filter((i) => AREAS[i].district === choice.district);
}
const groupOf = (choice) => (choice.kind === "all" ? 0 : choice.kind === "district" ? choice.district + 1 : -1);

/* The records of the choice, month by month: numbers, NONE or WITHHELD. Of a sensitive measure there
   are months of all areas and of districts, categories of all areas, and nothing of single areas. */
function series(measure, category, choice) {
  const who = members(choice);
  return MONTHS.map(({ i: t }) => {
    if (measure.silent.has(t)) return NONE;
    if (!measure.months) {
      const group = groupOf(choice);
      return group < 0 || category || measure.totals.at3(group, t) < 0 ? WITHHELD : measure.totals.at3(group, t);
    }
    let sum = 0;
    for (const i of who) {
      const n = measure.months.at3(category, i, t);
      if (n < 0) return NONE;
      sum += n;
    }
    return sum;
  });
}

function total(measure, category, period, choice) {
  const { from, to } = periodMonths(period);
  if (!known(measure, from, to)) return NONE;
  let parts;
  const group = groupOf(choice);
  if (measure.months || group < 0) parts = members(choice).map((i) => countOf(measure, category, period, i));
  else if (category && group) return WITHHELD;
  else if (!category) {
    parts = YEARS.map((year, p) => measure.sums.at3(group, p)).filter((n, p) => period === EVERY_YEAR || p === period)
      .map((n) => (n < 0 ? WITHHELD : n));
  }
  else {
    parts = YEARS.map((year, p) => measure.mix.at3(0, category, p)).filter((n, p) => period === EVERY_YEAR || p === period)
      .map(meant);
  }
  let sum = 0;
  for (const n of parts) {
    if (typeof n !== "number") return n;
    sum += n;
  }
  return sum;
}

function residents(measure, choice) {
  const people = POPULATIONS[measure.population];
  let sum = 0;
  for (const i of members(choice)) if (people[i] > 0) sum += people[i];
  return sum || NONE;
}

/* A count as a rate per 1,000 residents a year, with its 95% limits: exact below 10 (worked out in
   Python), Byar's approximation from 10 on. */
function rateOf(count, people, years) {
  if (typeof count !== "number" || !(people > 0)) return { rate: count === WITHHELD ? WITHHELD : NONE };
  const scale = 1000 / people / years, z = 1.959963984540054;
  let lower, upper;
  if (count < 10) [lower, upper] = D.limits[count];
  else {
    const more = count + 1;
    lower = count * (1 - 1 / (9 * count) - z / (3 * Math.sqrt(count))) ** 3;
    upper = more * (1 - 1 / (9 * more) + z / (3 * Math.sqrt(more))) ** 3;
  }
  return { rate: count * scale, lower: lower * scale, upper: upper * scale };
}

/* Ranks, highest first; equal values share one. Rows without a number have none. */
function ranks(values) {
  const order = values.map((v, i) => i).filter((i) => typeof values[i] === "number")
    .sort((a, b) => values[b] - values[a]);
  const out = values.map(() => NONE);
  order.forEach((i, k) => {
    out[i] = k && values[i] === values[order[k - 1]] ? out[order[k - 1]] : k + 1;
  });
  return { rank: out, of: order.length };
}

/* Everything that one choice of measure, category and period says of each area. */
function table(measure, category, period, show) {
  const years = periodYears(period), people = POPULATIONS[measure.population];
  const whole = measure.whole ? measure.whole[category][period] : NONE;  // the rate of all areas together
  const rows = AREAS.map((area) => {
    const { i } = area;
    const count = countOf(measure, category, period, i);
    const before = period > 0 && period < EVERY_YEAR ? countOf(measure, category, period - 1, i) : NONE;
    // Of a sensitive measure, only the years of all categories together are tested.
    const tested = !measure.sensitive || (!category && period < EVERY_YEAR);
    const at = tested ? measure.hotspot.at3(category, period, i) : -1;
    const changed = typeof count === "number" && typeof before === "number";
    const level = tested ? measure.level.at3(category, period, i) : -1;
    const r = rateOf(count, people[i], years);
    const compared = whole > 0 && typeof r.rate === "number";
    const street = measure.streets ? measure.streets.at.at3(period, i) : -1;
    return {
      ...area, count, before, ...r,
      level: level < 0 ? NONE : D.levels[level],
      times: compared ? [r.rate, r.lower, r.upper].map((v) => v / whole) : NONE,
      excess: compared ? count - whole * people[i] * years / 1000 : NONE,
      streets: street < 0 ? "" : measure.streets.text[street],
      hotspot: at < 0 ? NONE : D.hotspots[at],
      z: at < 0 ? NaN : measure.z.at3(category, period, i),
      q: at < 0 ? NaN : measure.q.at3(category, period, i),
      around: at < 0 || !measure.around ? NaN : measure.around.at3(category, period, i),
      difference: changed ? count - before : NONE,
      change: changed ? D.changes[measure.change.at3(measure.sensitive ? 0 : category, period, i)] : NONE,
    };
  });
  const { rank, of } = ranks(rows.map((row) => row[show]));
  rows.forEach((row, i) => { row.rank = rank[i]; row.of = of; });
  return rows;
}

/* Totals by category in a period. */
function mix(measure, period, choice) {
  return measure.categories.map((name, c) => ({
    c, name, count: total(measure, c, period, choice),
  })).slice(1);
}
