"use strict";
/* The five charts as Vega specifications: what is drawn. What it is drawn from is put into their
   data sets by page.js. */

const FONT = "Segoe UI, system-ui, Roboto, Helvetica, Arial, sans-serif";
// On a projector the page is large, and so are the letters.
const SIZE = matchMedia("(min-width: 1600px) and (min-height: 900px)").matches ? 13.5 : 11;
const INK = "#1b2733", FAINT = "#5b6672", RULE = "#d5dbe1", BAR = "#8fa7bd", STRONG = "#1f4e79",
  PICKED = "#000000", NOW = "#e8eef4";

const CONFIG = {
  background: null,
  axis: {
    labelColor: INK, titleColor: FAINT, labelFontSize: SIZE, titleFontSize: SIZE, titleFontWeight: "normal",
    gridColor: "#e6eaee", domainColor: RULE, tickColor: RULE, labelFont: FONT, titleFont: FONT,
  },
  text: { font: FONT, fill: INK },
};

const frame = (description, rest) => ({
  description, width: 300, height: 200, padding: 0,
  autosize: { type: "fit", contains: "padding", resize: true }, ...rest,
});
const filled = (name) => ({ name, values: [] });

function mapSpec(shapes) {
  const outline = (name, filter, encode) => ({
    type: "path", name, interactive: false, aria: false, from: { data: filter },
    encode: { update: { path: { field: "path" }, fill: { value: null }, ...encode } },
  });
  return frame("Map of the areas, coloured by the chosen figure", {
    autosize: "none",
    signals: [{ name: "focus", value: { type: "FeatureCollection", features: shapes } }],
    projections: [{
      name: "plane", type: "identity", reflectY: true, fit: { signal: "focus" },
      extent: { signal: "[[6, 6], [width - 6, height - 6]]" }, size: { signal: "[width, height]" },
    }],
    data: [
      filled("values"),
      {
        name: "areas", values: shapes,
        transform: [
          // First the outlines, so that they are drawn anew only when the map moves.
          { type: "geopath", projection: "plane" },
          {
            type: "lookup", from: "values", key: "i", fields: ["properties.i"],
            values: ["fill", "text", "picked", "shown"],
          },
        ],
      },
      { name: "picked", source: "areas", transform: [{ type: "filter", expr: "datum.picked" }] },
    ],
    marks: [
      {
        type: "path", name: "area-shapes", from: { data: "areas" },
        encode: {
          update: {
            path: { field: "path" },
            fill: { signal: "datum.shown ? datum.fill : '#eceff2'" },
            stroke: { signal: "datum.shown ? '#6f7b87' : '#c3cad1'" }, strokeWidth: { value: 0.5 }, cursor: { value: "pointer" },
            description: { field: "text" }, tooltip: { signal: "datum.properties.i" },
          },
          hover: { stroke: { value: PICKED }, strokeWidth: { value: 1.5 } },
        },
      },
      outline("halo", "picked", { stroke: { value: "#ffffff" }, strokeWidth: { value: 3.5 } }),
      outline("edge", "picked", { stroke: { value: PICKED }, strokeWidth: { value: 1.75 } }),
    ],
  });
}

function trendSpec() {
  return frame("Monthly trend", {
    padding: { top: 6, right: 10, bottom: 4, left: 4 },
    signals: [{ name: "unit", value: "Records a month" }],
    data: [filled("months"), filled("year")],
    scales: [
      {
        name: "x", type: "utc", range: "width",
        domain: { fields: [{ data: "months", field: "at" }, { data: "months", field: "end" }] },
      },
      {
        name: "y", type: "linear", range: "height", nice: true, zero: true,
        domain: { fields: [{ data: "months", field: "value" }, { data: "months", field: "all" }, { data: "months", field: "one" }] },
      },
    ],
    axes: [
      { orient: "left", scale: "y", tickCount: 4, grid: true, title: { signal: "unit" }, domain: false, ticks: false },
      {
        orient: "bottom", scale: "x", tickCount: { signal: `max(2, width / ${SIZE * 7})` }, format: "%b %Y",
        labelOverlap: true, labelSeparation: 8, labelFlush: true,
      },
    ],
    marks: [
      {
        type: "rect", from: { data: "year" }, interactive: false, aria: false,
        encode: { update: {
          x: { scale: "x", field: "at" }, x2: { scale: "x", field: "end" }, y: { value: 0 },
          y2: { signal: "height" }, fill: { value: NOW },
        } },
      },
      line("all", "#b3541e", 1.5, [5, 3]),
      line("value", BAR, 1.25),
      line("mean", STRONG, 2.5),
      {
        type: "symbol", from: { data: "months" }, interactive: false, aria: false,
        encode: { update: {
          x: { scale: "x", field: "middle" }, y: { scale: "y", field: "value" }, size: { value: 14 },
          fill: { value: BAR }, opacity: { signal: "isValid(datum.value) ? 1 : 0" },
        } },
      },
      {
        type: "rect", name: "month-bars", from: { data: "months" },
        encode: {
          update: {
            x: { scale: "x", field: "at" }, x2: { scale: "x", field: "end" }, y: { value: 0 },
            y2: { signal: "height" }, fill: { value: "transparent" }, cursor: { value: "pointer" },
            tooltip: { field: "text" }, description: { field: "text" },
          },
          hover: { fill: { value: "#00000018" } },
        },
      },
    ],
  });
}

function line(field, colour, thick, dash) {
  return {
    type: "line", from: { data: "months" }, interactive: false, aria: false,
    encode: { update: {
      x: { scale: "x", field: "middle" }, y: { scale: "y", field },
      defined: { signal: `isValid(datum.${field})` },
      stroke: { value: colour }, strokeWidth: { value: thick }, strokeDash: { value: dash || [] },
    } },
  };
}

/* Bars by year or by month of the year, one of them chosen. */
function barSpec(description, name, labels, marks) {
  return frame(description, {
    padding: { top: 4, right: 4, bottom: 4, left: 4 },
    signals: [{ name: "unit", value: "Records" }],
    data: [filled(name)],
    scales: [
      {
        name: "x", type: "band", range: "width", padding: 0.2,
        domain: { data: name, field: "name", sort: { op: "min", field: "order" } },
      },
      {
        name: "y", type: "linear", range: "height", nice: true, zero: true,
        domain: { fields: [{ data: name, field: "value" }, { data: name, field: "room" }, { data: name, field: "one" }] },
      },
    ],
    axes: [
      { orient: "left", scale: "y", tickCount: 4, grid: true, title: { signal: "unit" }, domain: false, ticks: false },
      { orient: "bottom", scale: "x", ticks: false, ...labels },
    ],
    marks: [
      {
        type: "rect", name: `${name}-bars`, from: { data: name },
        encode: {
          update: {
            x: { scale: "x", field: "name" }, width: { scale: "x", band: 1 },
            y: { scale: "y", signal: "isValid(datum.value) ? datum.value : 0" }, y2: { scale: "y", value: 0 },
            fill: { signal: `datum.now ? '${STRONG}' : '${BAR}'` },
            tooltip: { field: "text" }, description: { field: "text" }, cursor: { value: "pointer" },
          },
          hover: { fill: { signal: "datum.now ? '#163a5a' : '#6d8aa5'" } },
        },
      },
      ...marks(name),
    ],
  });
}

const yearSpec = () => barSpec("Year by year", "years", { labelOverlap: true, labelSeparation: 3 }, (name) => [
  {
    type: "rule", from: { data: name }, interactive: false, aria: false,
    encode: { update: {
      x: { scale: "x", field: "name", band: 0.5 }, y: { scale: "y", field: "lower" },
      y2: { scale: "y", field: "top" }, stroke: { value: INK }, strokeWidth: { value: 1.25 },
      opacity: { signal: "isValid(datum.lower) ? 1 : 0" },
    } },
  },
  {
    type: "text", from: { data: name }, interactive: false, aria: false,
    encode: { update: {
      x: { scale: "x", field: "name", band: 0.5 },
      y: { scale: "y", signal: "isValid(datum.top) ? datum.top : 0" }, dy: { value: -6 },
      align: { value: "center" }, fontSize: { value: SIZE }, text: { field: "label" },
    } },
  },
]);

/* All twelve months are named, in letters as large as there is room for. */
const MONTHLY = { labelOverlap: false, encode: { labels: { update: { fontSize: { signal: `min(${SIZE}, width / 26)` } } } } };

const seasonSpec = () => barSpec("Seasonal pattern", "season", MONTHLY, (name) => [
  {
    type: "rule", from: { data: name }, interactive: false, aria: false,
    encode: { update: {
      x: { value: 0 }, x2: { signal: "width" }, y: { scale: "y", field: "even" },
      stroke: { value: FAINT }, strokeDash: { value: [4, 3] },
      opacity: { signal: "isValid(datum.even) ? 1 : 0" },
    } },
  },
  {
    type: "symbol", from: { data: name }, interactive: false, aria: false,
    encode: { update: {
      x: { scale: "x", field: "name", band: 0.5 }, y: { scale: "y", field: "top" },
      shape: { value: "diamond" }, size: { value: 55 }, fill: { value: "#b3541e" }, stroke: { value: "#fff" },
      opacity: { signal: "isValid(datum.top) ? 1 : 0" },
    } },
  },
]);

function mixSpec() {
  // Names stand on one line, on two where there is room, and smaller where they would be cut.
  const roomy = `height / length(data('mix')) > ${SIZE * 2.6}`;
  const letters = `${SIZE} * min(1, (left - 14) / max(1, longest))`;
  return frame("Mix of categories", {
    autosize: "none",
    signals: [{ name: "longest", value: 0 }, { name: "left", update: "min(longest + 14, width * 0.6)" }],
    data: [filled("mix")],
    scales: [
      {
        name: "y", type: "band", range: [0, { signal: "min(height, 34 * max(1, length(data('mix'))))" }], padding: 0.25,
        domain: { data: "mix", field: "name", sort: { op: "min", field: "order" } },
      },
      {
        name: "x", type: "linear", range: [{ signal: "left" }, { signal: `width - ${SIZE * 7.7}` }], zero: true,
        domain: { fields: [{ data: "mix", field: "value" }, { data: "mix", field: "before" }, { data: "mix", field: "one" }] },
      },
    ],
    marks: [
      {
        type: "text", from: { data: "mix" }, interactive: false, aria: false,
        encode: { update: {
          x: { signal: "left - 6" }, align: { value: "right" }, 
          y: { scale: "y", field: "name", band: 0.5 }, baseline: { value: "middle" }, fontSize: { signal: letters },
          fontWeight: { signal: "datum.now ? 'bold' : 'normal'" }, 
          text: { signal: `${roomy} ? datum.lines : datum.name` },
          dy: { signal: `${roomy} && length(datum.lines) > 1 ? ${-SIZE * 0.6} : 0` }, lineHeight: { value: SIZE * 1.2 },
        } },
      },
      {
        type: "rect", from: { data: "mix" }, interactive: false, aria: false,
        encode: { update: {
          y: { scale: "y", field: "name" }, height: { scale: "y", band: 1 }, x: { signal: "left" },
          x2: { scale: "x", signal: "isValid(datum.value) ? datum.value : 0" },
          fill: { signal: `datum.now ? '${STRONG}' : '${BAR}'` },
        } },
      },
      {
        type: "rule", from: { data: "mix" }, interactive: false, aria: false,
        encode: { update: {
          x: { scale: "x", field: "before" }, y: { scale: "y", field: "name" },
          y2: { scale: "y", field: "name", band: 1 }, stroke: { value: "#b3541e" }, strokeWidth: { value: 2 },
          opacity: { signal: "isValid(datum.before) ? 1 : 0" },
        } },
      },
      {
        type: "text", from: { data: "mix" }, interactive: false, aria: false,
        encode: { update: {
          x: { scale: "x", signal: "max(datum.value || 0, datum.before || 0)" }, dx: { value: 5 },
          y: { scale: "y", field: "name", band: 0.5 }, baseline: { value: "middle" },
          fontSize: { value: SIZE + 0.5 }, text: { field: "label" },
        } },
      },
      {
        type: "rect", name: "mix-bars", from: { data: "mix" },  // the whole line can be clicked
        encode: {
          update: {
            y: { scale: "y", field: "name", offset: { signal: "-bandwidth('y') / 6" } },
            height: { signal: "bandwidth('y') * 4 / 3" }, x: { value: 0 }, width: { signal: "width" },
            fill: { value: "transparent" }, cursor: { value: "pointer" },
            tooltip: { field: "text" }, description: { field: "text" },
          },
          hover: { fill: { value: "#00000012" } },
        },
      },
    ],
  });
}
