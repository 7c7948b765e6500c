"use strict";
// Looks for all words in every section; a hit in a heading counts more than one in the text.
const field = document.getElementById("words");
const found = document.getElementById("found");
const count = document.getElementById("count");
const MOST = 40;

const lowered = SECTIONS.map(([title, place, heading, text]) =>
  ({ title, place, heading, text, inTitle: title.toLowerCase(), inHeading: heading.toLowerCase(),
     inText: text.toLowerCase() }));

function weight(section, word) {
  const begins = new RegExp("(^|[^\\p{L}\\p{N}])" + word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "u");
  const whole = new RegExp(begins.source + "([^\\p{L}\\p{N}]|$)", "u");
  if (whole.test(section.inHeading)) return 20;
  if (begins.test(section.inHeading)) return 12;
  if (begins.test(section.inTitle)) return 6;
  if (begins.test(section.inText)) return 3;
  return section.inText.includes(word) || section.inHeading.includes(word) ? 1 : 0;
}

function ranked(words) {
  const hits = [];
  for (const section of lowered) {
    const weights = words.map(word => weight(section, word));
    if (weights.every(one => one > 0)) hits.push([weights.reduce((sum, one) => sum + one, 0), section]);
  }
  return hits.sort((one, other) => other[0] - one[0]).map(hit => hit[1]);
}

function snippet(section, words) {
  const at = Math.max(0, Math.min(...words.map(word => section.inText.indexOf(word)).filter(at => at >= 0)));
  const start = Number.isFinite(at) && at > 80 ? section.text.indexOf(" ", at - 70) + 1 : 0;
  const line = document.createElement("p");
  let rest = section.text.slice(start, start + 220);
  if (start) line.append("… ");
  while (rest) {
    const places = words.map(word => [rest.toLowerCase().indexOf(word), word]).filter(([place]) => place >= 0);
    if (!places.length) break;
    const [place, word] = places.sort((one, other) => one[0] - other[0] || other[1].length - one[1].length)[0];
    const mark = document.createElement("mark");
    mark.textContent = rest.slice(place, place + word.length);
    line.append(rest.slice(0, place), mark);
    rest = rest.slice(place + word.length);
  }
  line.append(rest, section.text.length > start + 220 ? " …" : "");
  return line;
}

function show() {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  found.replaceChildren();
  count.textContent = "";
  if (!words.length) return;
  const hits = ranked(words);
  count.textContent = hits.length === 1 ? "1 section" :
    hits.length > MOST ? `${hits.length} sections, the first ${MOST}:` : `${hits.length || "No"} sections`;
  for (const section of hits.slice(0, MOST)) {
    const link = document.createElement("a");
    link.href = section.place;
    link.textContent = section.heading === section.title ? section.title : `${section.title}: ${section.heading}`;
    const item = document.createElement("li");
    item.append(link, snippet(section, words));
    found.append(item);
  }
}

field.value = new URLSearchParams(location.search).get("q") || "";
field.addEventListener("input", show);
show();
