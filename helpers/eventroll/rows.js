// What stands on the page: rows on one time axis, with names on the left and scales on the right.

const data = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("roll");
const WORDS = {miss: ["○", "missed", "miss"], "false alarm": ["✕", "false alarm", "alarm"], hit: ["", "hit", ""]};

function drawn(tag, settings) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(settings)) made.setAttribute(name, value);
  return made;
}
const percent = (value) => `${100 * value}%`;
const share = (seconds) => percent(seconds / data.duration);
const inside = (place) => percent(Math.min(Math.max(place, 0.04), 0.96));  // so that a number is not cut in half
const span = ({onset, offset}) => `${onset.toFixed(2)}${offset > onset ? `–${offset.toFixed(2)}` : ""} s`;

const names = element("div", {class: "names"}), scales = element("div", {class: "scales"});
const canvas = element("div", {class: "canvas"}), view = element("div", {class: "view"}, canvas);
function row(kind, name = "") {
  const parts = [names, canvas, scales].map((column) => column.appendChild(element("div", {class: `row ${kind}`})));
  parts[0].append(name);
  return parts;
}

function spectrogram() {
  const [left, middle, right] = row("mel"), {mel} = data;
  const place = {left: percent(mel.left), width: percent(mel.width), bottom: percent(mel.bottom), height: percent(mel.height)};
  const picture = element("div", {class: "clip", role: "slider", tabindex: 0, "aria-label": "Position in the recording",
    "aria-valuemin": 0, "aria-valuemax": data.duration.toFixed(2)},
    element("img", {src: mel.source, alt: "Log-mel spectrogram", style: place}));
  middle.append(picture);
  left.append(element("span", {class: "unit", text: "Frequency (kHz)"}));
  for (const [height, khz] of mel.ticks)
    left.append(element("span", {class: "tick", text: khz, style: {bottom: inside(height)}}));
  right.append(element("div", {class: "ramp", style: {background: `linear-gradient(to top, ${mel.colours.join(",")})`}}),
    element("span", {class: "unit", text: "Level (dB)"}));
  for (let level = 20 * Math.ceil(mel.low / 20); level <= mel.high; level += 20)
    right.append(element("span", {class: "tick", text: String(level).replace("-", "−"),
      style: {bottom: inside((level - mel.low) / (mel.high - mel.low))}}));
  return picture;
}

const errors = [];
const labels = [];  // by lane: words above wrong events, shown where they do not run into each other
function lane(kind, group, name, events) {
  const [left, middle] = row(kind, name);
  middle.setAttribute("role", "group");
  middle.setAttribute("aria-label", `${name}: ${group.name}`);
  const inLane = [];
  for (const event of events) {
    const [glyph, word, shape] = WORDS[event.status] || ["", "", ""];
    event.text = [`${name} ${group.name} ${span(event)}`, event.score === null ? "" : `score ${event.score.toFixed(2)}`,
      word].filter(Boolean).join(", ");
    const bar = element("button", {type: "button", "aria-label": `${event.text}. Play it`, title: event.text,
      class: `event ${shape}`, onclick: () => playEvent(event),
      style: {left: share(event.onset), width: share(event.offset - event.onset), "--colour": group.colour}});
    event.buttons = [bar];
    if (glyph) {
      const text = element("span", {class: "word", "aria-hidden": "true"},
        element("i", {text: glyph}), element("span", {text: word}));
      bar.append(text);
      inLane.push({bar, text});
      errors.push({event, what: `${word}: ${group.name} ${span(event)}`, shape});
    }
    middle.append(bar);
    if (name === "true" && data.collar)
      middle.append(element("span", {class: "collar", "aria-hidden": "true",
        style: {left: share(event.onset - data.collar), width: share(2 * data.collar)}}));
  }
  labels.push(inLane);
  return left;
}

function curve(group) {
  const [left, middle, right] = row("curve", "score"), limits = group.thresholds;
  if (limits.length) left.append(element("br"), `≥ ${limits.join(" / ")}`);
  const highest = group.curve.reduce((one, other) => Math.max(one, other), 0);
  const svg = drawn("svg", {viewBox: `0 0 ${data.duration} 1`, preserveAspectRatio: "none", role: "img", "aria-label":
    `score of ${group.name}, highest ${highest}${limits.length ? `, threshold ${limits.join(" and ")}` : ""}`});
  let path = "", before = null;  // steps: a score holds for its whole frame; gaps stay gaps
  data.spans.forEach(([from, until], index) => {
    const height = (1 - group.curve[index]).toFixed(3);
    path += before === from ? `V${height}H${until}` : `${before === null ? "" : "V1"}M${from} 1V${height}H${until}`;
    before = until;
  });
  const across = (value, kind) => drawn("line", {x1: 0, x2: data.duration, y1: 1 - value, y2: 1 - value, class: kind});
  svg.append(across(0, "zero"), drawn("path", {d: `${path}V1`, fill: group.colour}),
    ...limits.map((value) => across(value, "limit")));
  middle.append(svg);
  for (const [value, bottom] of [["1", "86%"], ["0", "14%"]])
    right.append(element("span", {class: "tick", text: value, style: {bottom}}));
}

function rows() {
  const slider = spectrogram();
  for (const group of data.classes) {
    const left = lane("lane first", group, "true", group.true);
    const alone = group.curve || group.detected ? "" : "alone";
    left.append(element("b", {title: group.name, class: alone}, element("span", {class: "glyph", "aria-hidden": "true",
      text: group.glyph, style: {color: group.colour}}), group.name));
    if (group.curve) curve(group);
    if (group.detected) lane("lane", group, "detected", group.detected);
  }
  return [slider, row("axis", "Time (s)")[1]];
}

function signs() {
  const list = element("ul", {class: "key", "aria-label": "Signs"});
  const add = (kind, text) => list.append(element("li", {}, ...(kind ? [element("span", {class: kind})] : []), text));
  if (data.judged) {
    add("event", "found"); add("event miss", "○ missed"); add("event alarm", "✕ false alarm");
    if (data.collar) add("collar", `onset may be ${data.collar} s off`);
  }
  if (data.classes.some((group) => group.curve && group.thresholds.length)) add("dash", "threshold");
  if (data.empty.length) add("", `Nothing to see of ${data.empty.join(", ")}.`);
  add("", "Click an event to hear it, the picture to move. Space plays and pauses, arrows move.");
  return list;
}

function errorList() {
  const list = element("div");
  errors.sort((one, other) => one.event.onset - other.event.onset);
  for (const {event, what, shape} of errors) {
    const entry = element("button", {type: "button", class: shape, text: what, onclick: () => playEvent(event)});
    event.buttons.push(entry);
    list.append(entry);
  }
  const head = errors.length ? "Errors in order of time; click to hear" : "Nothing was missed, and nothing is a false alarm.";
  return element("section", {class: "errors", "aria-label": "Errors"}, element("p", {text: head}), list);
}

// what depends on the width: round ticks at least 55 pixels apart, and words only where there is room
function arrange() {
  const width = canvas.clientWidth, wanted = 55 * data.duration / width;
  const step = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60].find((one) => one >= wanted) || 120;
  axis.replaceChildren();
  for (let n = 0; n * step <= data.duration + 1e-9; n++) {
    const place = n * step / data.duration, end = place * width < 8 ? "start" : (1 - place) * width < 12 ? "end" : "";
    axis.append(element("span", {class: `tick ${end}`, text: (n * step).toFixed(step < 0.1 ? 2 : step < 1 ? 1 : 0),
      style: {left: percent(place)}}));
  }
  for (const inLane of labels) {
    let taken = -Infinity;  // up to here the line of words is full
    inLane.forEach(({bar, text}, index) => {
      text.classList.remove("short", "left");
      const next = index + 1 < inLane.length ? inLane[index + 1].bar.offsetLeft : Infinity;
      const long = text.offsetWidth, right = bar.offsetLeft + long <= Math.min(width, next - 4);
      const left = !right && next === Infinity && bar.offsetLeft + bar.offsetWidth - long > taken;
      text.classList.toggle("left", left);
      text.classList.toggle("short", !right && !left);
      taken = bar.offsetLeft + (right ? long : bar.offsetWidth) + 4;
    });
  }
}
