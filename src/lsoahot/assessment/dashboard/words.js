"use strict";
/* The one choice that all views follow, and the words and colours that tell of it. */

const $ = (id) => document.getElementById(id);
const state = {
  measure: 0, category: 0, period: EVERY_YEAR - 1, show: "rate", paint: "level",
  choice: { kind: "all" }, by: "rank", down: false,
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
/* No percentage is given of fewer than D.least: one event would move it by more than 5%. */
const percent = (v, from) => (from >= D.least
  ? ` (${v > 0 ? "+" : v < 0 ? "\u2212" : ""}${tenth.format(Math.abs(v) / from * 100)}%)` : "");
const plural = (n, one, many) => `${whole.format(n)} ${n === 1 ? one : many}`;
const perThousand = () => `per 1,000 ${D.areas.denominators[measureOf().population]}${state.period === EVERY_YEAR ? ", a year on average" : ""}`;

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
  if (way) return verdict.endsWith("90%") ? `perhaps a ${way} (90% sure)` : `a clear ${way}`;
  return verdict === "Not tested" ? "not tested" : "no clear change";
}

const withheldByArea = (row) => row.count === WITHHELD;
const testText = (row) => (isNumber(row.z) ? `Gi* z = ${row.z.toFixed(2)}` : "");

/* What a level says; "surely" is 95 in 100. */
const MEANS = {
  "Far above": "surely at least twice the rate of all areas together",
  Above: "surely at least one and a half times the rate of all areas together",
  "Probably above": "probably more than one and a half times the rate of all areas together",
  "Near average": "surely between two thirds and one and a half times the rate of all areas together",
  Below: "surely less than two thirds of the rate of all areas together",
  "Far below": "surely less than half the rate of all areas together",
  "Can't tell": "these numbers are too small, or too near a limit, to tell",
  "Not tested": "no figures, or nothing to compare",
};
const FEW = 50;  // records
const HIGH = ["Far above", "Above"];
const isHigh = (row) => HIGH.includes(row.level);

/* How many times the rate of all areas together, and how many records beyond it. */
function timesText(row) {
  if (!row.times) return "";
  const [times, low, high] = row.times.map((v) => tenth.format(v));
  return `${times} times the rate of all ${whole.format(D.tested)} areas together (${low} to ${high})`;
}

function excessText(row) {
  const beyond = Math.round(row.excess);
  if (!isNumber(row.excess) || !beyond) return "";
  return `${whole.format(Math.abs(beyond))} ${beyond > 0 ? "more" : "fewer"} than at that rate`;
}

/* An area's level in a sentence, without its end. */
function levelText(row) {
  if (withheldByArea(row)) return "Withheld: the number is small, or would give a small one away";
  if (!row.level) return "Level: given for single years and all categories together only";
  // Of a handful, the ratio that was recorded exaggerates what the level is judged by.
  const few = row.times && row.count < FEW && isHigh(row) ? " (as recorded; the level allows for so few)" : "";
  const told = [timesText(row), excessText(row)].filter(Boolean).join(", ") + few;
  return `${row.level}: ${told || MEANS[row.level]}`;
}

function streetsText(row) {
  return row.streets ? `Most on or near ${row.streets}` : "";
}

function whyHotspot(row) {
  const measure = measureOf();
  if (withheldByArea(row) || !row.level) return "";
  if (!row.hotspot || row.hotspot === "Not tested") return "Not tested for hot spots: no data, no neighbours, or nothing to compare.";
  const test = testText(row);
  const numbers = test ? ` (${test}, q ${row.q < 0.001 ? "< 0.001" : `= ${row.q.toFixed(3)}`})` : "";
  const near = isNumber(row.around)
    ? `this area and the ${plural(D.areas.neighbours[row.i], "area", "areas")} around it average ${tenth.format(row.around)} per 1,000, against ${tenth.format(measure.mean[state.category][state.period])} over the ${whole.format(D.tested)} areas tested`
    : "";
  if (row.hotspot === "Not significant") return `No hot or cold spot: ${near ? `${near}; ` : ""}no cluster was found here${numbers}.`;
  if (row.hotspot.startsWith("Beside")) return `Beside a hot spot: the areas around it are high, and its own rate is not${near ? `; ${near}` : ""}${numbers}.`;
  const way = row.hotspot.startsWith("Hot") ? "high" : "low";
  return `${row.hotspot}: ${near ? `${near}. That is` : "it lies in"} a cluster of ${way} areas${numbers}.`;
}

/* An area in words, for tooltips and for screen readers: its name, then the figures. */
function areaText(row) {
  const lines = [
    levelText(row),
    `${state.period === EVERY_YEAR ? "Records, all years" : "Records"}: ${countText(row.count)}`,
    `Rate: ${rateText(row.rate)}${isNumber(row.rate) ? ` per 1,000 (95% limits ${limitsText(row)})` : ""}`,
    row.rank ? `Rank by ${state.show}: ${row.rank} of ${row.of}` : "Not ranked",
  ];
  if (isNumber(row.difference)) {
    lines.push(`Change: ${signed(row.difference)}${percent(row.difference, row.before)}, ${changeSentence(row.change)}`);
  }
  lines.push(`Hot spot: ${hotspotText(row)}`, streetsText(row));
  return lines.filter(Boolean).join("\n");
}

/* Beside "Far above", "Not significant" would be read as taking it back. */
function hotspotText(row) {
  if (withheldByArea(row)) return "Withheld";
  return row.hotspot === "Not significant" ? "No cluster" : row.hotspot || "Not tested";
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
  const [names, colours, heading, of] = {
    level: [[...D.levels].reverse(), D.colours.levels, "Level", (row) => row.level],
    hotspot: [D.hotspots, D.colours.hotspots, "Hot and cold spots", (row) => row.hotspot],
    change: [D.changes, D.colours.changes, "Change on the year before", (row) => row.change],
  }[state.paint] || [];
  if (names) {
    const seen = names.map((name) => ({ text: name, colour: colours[name], n: 0 }));
    const hidden = { text: "Withheld", colour: D.colours.withheld, n: 0 };
    const fills = rows.map((row) => {
      const found = withheldByArea(row) ? hidden : seen[names.indexOf(of(row) || "Not tested")];
      found.n += inside.has(row.i);
      return found.colour;
    });
    return { title: heading, legend: [...seen, hidden], fills };
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
