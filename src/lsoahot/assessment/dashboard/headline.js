"use strict";
/* The headline figures, and the sentence under them. */

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
    tile(`Rate per 1,000 ${D.areas.denominators[measure.population]}`, rateText(r.rate), isNumber(r.rate) ? `95% limits ${limitsText(r)}${period === EVERY_YEAR ? ", a year on average" : ""}` : ""),
    tile("Change on the year before", changed ? signed(count - before) + percent(count - before, before) : "\u2013",
      changed ? (several ? `from ${whole.format(before)}; not tested for several areas together` : `from ${whole.format(before)}: ${changeSentence(verdict) || "not tested"}`)
        : period < 1 || period === EVERY_YEAR ? "no year before to compare with" : [count, before].includes(WITHHELD) ? "withheld in one year or both" : "no data for both years", kind),
  ];
  if (one) {
    tiles.push(
      tile(`Rank by ${state.show}`, one.rank ? `${one.rank} of ${one.of}` : "\u2013",
        one.of < AREAS.length ? "among the areas with a figure" : "1 is the highest"),
      tile("Hot or cold spot", one.count === WITHHELD ? "withheld" : BRIEF[one.hotspot] || one.hotspot || "Not tested",
        [one.hotspot in BRIEF ? "not significant" : "", one.hotspot !== "Not tested" ? testText(one) : ""].filter(Boolean).join("; ")),
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
  else if (!hot.length) story.textContent = "No cluster of high areas was found, which is no proof that there is none. Choose an area on the map, in the table or by name to see its figures.";
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
