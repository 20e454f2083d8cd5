"use strict";
/* The headline figures, and the sentence under them. */

function tile(label, big, small, kind = "") {
  const box = el("div", undefined, { class: kind });
  const value = el("dd", undefined, { class: "big" });
  value.append(big);
  value.classList.toggle("long", value.textContent.length > 17);
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
  const kind = sentence.includes("rise") ? "rose" : sentence.includes("fall") ? "fell" : "";
  const several = choice.kind === "areas" && !one;
  const tiles = [
    tile("Recorded", countText(count), period === EVERY_YEAR ? "in all the years" : "in the period"),
    tile(`Rate per 1,000 ${D.areas.denominators[measure.population]}`, rateText(r.rate), isNumber(r.rate) ? `95% limits ${limitsText(r)}${period === EVERY_YEAR ? ", a year on average" : ""}` : ""),
    tile("Change on the year before", changed ? signed(count - before) + percent(count - before, before) : "\u2013",
      changed ? (several ? `from ${whole.format(before)}; not tested for several areas together` : `from ${whole.format(before)}: ${changeSentence(verdict) || "not tested"}`)
        : period < 1 || period === EVERY_YEAR ? "no year before to compare with" : [count, before].includes(WITHHELD) ? "withheld in one year or both" : "no data for both years", kind),
  ];
  if (one) {
    tiles.push(
      tile("Level", withheldByArea(one) ? "withheld" : one.level || "\u2013", one.times
        ? `${tenth.format(one.times[0])} times the rate of all ${whole.format(D.tested)} areas together (${tenth.format(one.times[1])} to ${tenth.format(one.times[2])})`
        : one.level && !withheldByArea(one) ? MEANS[one.level] : ""),
      tile(`Rank by ${state.show}`, one.rank ? `${one.rank} of ${one.of}` : "\u2013",
        one.of < AREAS.length ? "among the areas with a figure" : "1 is the highest"),
    );
  } else {
    const who = members(choice).map((i) => rows[i]);
    const best = who.filter((row) => row.rank).sort((a, b) => a.rank - b.rank || a.name.localeCompare(b.name))[0];
    const link = best ? el("button", best.name, { type: "button", id: "highest" }) : "\u2013";
    if (best) link.addEventListener("click", () => choose({ kind: "areas", areas: [best.i] }));
    const high = who.filter(isHigh), told = who.filter((row) => row.level && row.level !== "Not tested");
    const maybe = who.filter((row) => row.level === "Probably above").length;
    tiles.push(
      tile("High areas", told.length ? (high.length ? plural(high.length, "area", "areas") : "None surely") : "Not tested",
        told.length ? `far above or above${maybe ? `; ${maybe} more probably above` : ""}; ${plural(D.tested, "area", "areas")} tested` : ""),
      tile(`Highest ${state.show}`, link, best ? (state.show === "count" ? plural(best.count, "record", "records") : `${rateText(best.rate)} per 1,000`)
        : who.some(withheldByArea) ? "all numbers are withheld" : "no data"),
    );
  }
  $("tiles").replaceChildren(...tiles);
  if (one) {
    $("story").textContent = [`${levelText(one)}.`, streetsText(one) && `${streetsText(one)}.`, whyHotspot(one)].filter(Boolean).join(" ");
  } else tellLevels(members(choice).map((i) => rows[i]), count);
}

const MOST = 3;  // areas that are named

/* Of many areas: which are high, by how much; then which are in clusters. Each name can be chosen. */
function tellLevels(who, count) {
  const story = $("story"), measure = measureOf();
  const told = who.filter((row) => row.level && row.level !== "Not tested");
  if (!isNumber(count)) story.textContent = `${choiceName(state.choice)}: ${word(count)} in this period.`;
  else if (measure.sensitive && (state.category || state.period === EVERY_YEAR)) story.textContent = "Small numbers of this measure are withheld; levels and hot spots are given for single years and all categories together.";
  else if (!told.length) story.textContent = measure.sensitive ? "Levels and hot spots are not tested: too little is left where small numbers are withheld." : "Levels and hot spots are not tested: there is no data, or all areas are alike.";
  else {
    const order = (row) => [D.levels.indexOf(row.level), row.excess ?? row.rate];
    const high = told.filter(isHigh).sort((a, b) => order(b)[0] - order(a)[0] || order(b)[1] - order(a)[1]);
    const list = (some, say) => some.slice(0, MOST).flatMap((row, k) => {
      const link = el("button", row.name, { type: "button", class: "link" });
      link.addEventListener("click", () => choose({ kind: "areas", areas: [row.i] }));
      return [k ? ", " : "", link, say(row)];
    });
    const more = (some) => (some.length > MOST ? ` and ${whole.format(some.length - MOST)} more. ` : ". ");
    const told1 = (row) => ` (${row.level.toLowerCase()}${row.times ? `: ${tenth.format(row.times[0])} times${excessText(row) ? `, ${excessText(row).replace(" than at that rate", "")}` : ""}` : ""})`;
    const hot = who.filter((row) => row.hotspot?.startsWith("Hot"))
      .sort((a, b) => D.hotspots.indexOf(a.hotspot) - D.hotspots.indexOf(b.hotspot) || b.rate - a.rate);
    story.replaceChildren(
      ...(high.length ? [`Above the rate of all ${whole.format(D.tested)} areas together: `, ...list(high, told1), more(high)]
        : ["No area is surely above the rate of all areas together, as far as these numbers can tell. "]),
      ...(hot.length ? [hot.length === 1 ? "Hot spot: " : "Hot spots, where high areas lie together: ", ...list(hot, (row) => ` (${row.hotspot.slice(9)})`), more(hot)]
        : ["No cluster of high areas was found, which is no proof that there is none. "]),
    );
  }
}
