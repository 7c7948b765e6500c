// What one can do: pointer, wheel, keys, and the controls above the map and below it.

if (window.parent !== window) document.documentElement.classList.add("framed");

// ---- the pointer

let playOnHover = false, lassoOn = false;
const pointers = new Map();
let press = null;    // what a pressed pointer does: where it began, and whether it has moved
const at = (event) => {
  const box = field.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
};
function hover(index, withTip = true) {
  if (index === hovered) return;
  hovered = index;
  tip.hidden = index < 0 || !withTip;
  if (!tip.hidden) {
    tip.replaceChildren(element("b", {text: labelOf(index)}), element("span", {text: data.names[index]}),
      ...(colouring === data.colourings[0] ? [] : [element("span", {text: `${colouring.name}: ${valueOf(colouring, index)}`})]));
    const [x, y] = onScreen(index);
    tip.style.left = `${Math.min(Math.max(x, tip.offsetWidth / 2 + 4), width - tip.offsetWidth / 2 - 4)}px`;
    tip.style.top = `${y - tip.offsetHeight - 16 < 0 ? y + 16 : y - tip.offsetHeight - 16}px`;
  }
  if (withTip && index >= 0 && playOnHover && index !== chosen) choose(index);
  redrawOver();
}
field.addEventListener("pointerdown", (event) => {
  if (event.button) return;
  field.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, at(event));
  press = {from: at(event), last: at(event), moved: false};
  if (lassoOn || event.shiftKey) lasso = [at(event)];
});
field.addEventListener("pointermove", (event) => {
  const [x, y] = at(event);
  if (!pointers.has(event.pointerId)) { hover(pointAt(x, y)); return; }
  const before = [...pointers.values()];
  pointers.set(event.pointerId, [x, y]);
  if (Math.hypot(x - press.from[0], y - press.from[1]) > 4) press.moved = true;
  if (pointers.size === 2) {           // two fingers: zoom around the middle between them
    const [[ax, ay], [bx, by]] = pointers.values(), apart = Math.hypot(ax - bx, ay - by);
    zoomAt((ax + bx) / 2, (ay + by) / 2, apart / (Math.hypot(before[0][0] - before[1][0], before[0][1] - before[1][1]) || 1));
    lasso = null;
  } else if (lasso) {
    lasso.push([x, y]);
    redrawOver();
  } else if (press.moved) {
    lookAt(view.x - (x - press.last[0]) / (fit * view.zoom), view.y + (y - press.last[1]) / (fit * view.zoom), view.zoom);
    hover(-1);
  }
  press.last = [x, y];
});
function release(event) {
  if (!pointers.delete(event.pointerId) || pointers.size) return;
  const path = lasso, moved = press.moved;
  lasso = null;
  if (event.type === "pointercancel") { redrawOver(); return; }
  if (path && moved) { select(inside(path)); setLasso(false); }
  else if (!moved) { choose(pointAt(...at(event))); tip.hidden = true; }   // the card says it all
  redrawOver();
}
field.addEventListener("pointerup", release);
field.addEventListener("pointercancel", release);
field.addEventListener("pointerleave", () => hover(-1));
field.addEventListener("dblclick", (event) => { if (pointAt(...at(event)) < 0) reset(); });
field.addEventListener("wheel", (event) => {
  // in a notebook the wheel scrolls the notebook until the map was clicked; and out of the map at its end
  if (!event.ctrlKey && window.parent !== window && !document.hasFocus()) return;
  const factor = Math.exp(-event.deltaY * (event.deltaMode ? 0.06 : 0.0022));
  if (factor < 1 && view.zoom === 1) return;
  event.preventDefault();
  zoomAt(...at(event), factor);
  hover(pointAt(...at(event)));
}, {passive: false});

// ---- keys

const DIRECTIONS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]};
field.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in DIRECTIONS) {
    const index = chosen < 0 ? firstPoint() : pointToward(chosen, ...DIRECTIONS[event.key]);
    if (index >= 0) { choose(index, {play: playOnHover}); bringIn(index); }
    else spoken.textContent = "No sound further this way";
  } else if (event.key === "Enter") { if (chosen < 0) choose(firstPoint()); else choose(chosen); }
  else if (event.key === " ") { if (chosen < 0) choose(firstPoint()); else if (!event.repeat) toggle(); }
  else if (event.key === "+" || event.key === "=") zoomAt(width / 2, height / 2, 1.5);
  else if (event.key === "-") zoomAt(width / 2, height / 2, 1 / 1.5);
  else if (event.key === "0") reset();
  else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  lasso = null;
  setLasso(false);
  stop();
  redrawOver();
});
// the point nearest to the middle of what is seen
function firstPoint() {
  let best = -1, least = Infinity;
  for (let index = 0; index < count; index++) {
    const [x, y] = onScreen(index), far = (x - width / 2) ** 2 + (y - height / 2) ** 2;
    if (shown(index) && far < least && (!matches || matches.has(index))) { best = index; least = far; }
  }
  return best;
}
function bringIn(index) {
  const [x, y] = onScreen(index);
  if (x < EDGE || y < EDGE || x > width - EDGE || y > height - EDGE) lookAt(placed.x[index], placed.y[index], view.zoom);
}

// ---- above the map

function chooser(name, options, change) {
  const list = element("select", {"aria-label": name, onchange: () => change(Number(list.value))},
    ...options.map((text, index) => element("option", {value: index, text})));
  return element("label", {}, element("span", {text: name}), list);
}
function toggler(name, on, change) {
  const box = element("input", {type: "checkbox", onchange: () => change(box.checked)});
  box.checked = on;
  return element("label", {class: "check"}, box, element("span", {text: name}));
}
const lassoButton = element("button", {type: "button", text: "⬚ Lasso", "aria-pressed": "false",
  title: "Draw around sounds to list them; or hold shift and drag", onclick: () => setLasso(!lassoOn)});
function setLasso(on) {
  lassoOn = on;
  lassoButton.setAttribute("aria-pressed", String(on));
  field.classList.toggle("lasso", on);
}
const search = element("input", {type: "search", placeholder: "label or name", "aria-label": "Search by label or name"});
const found = element("span", {class: "found", role: "status"});
const listButton = element("button", {type: "button", text: "List", title: "List the sounds that are searched for and shown",
  onclick: () => select(Array.from({length: count}, (_, index) => index).filter((index) => shown(index) && (!matches || matches.has(index))))});
const haystacks = data.names.map((name, index) =>
  [name, ...data.colourings.filter((one) => one.groups).map((one) => valueOf(one, index))].join("\n").toLowerCase());
search.addEventListener("input", () => {
  const wanted = search.value.trim().toLowerCase();
  matches = wanted ? new Set(haystacks.flatMap((text, index) => text.includes(wanted) ? [index] : [])) : null;
  found.textContent = matches ? `${matches.size} of ${count}` : "";
  redraw();
});
search.addEventListener("keydown", (event) => { if (event.key === "Enter") listButton.click(); });

// ---- below the map: what colours and shapes mean, and switches

const legend = element("div", {class: "legend", role: "group", "aria-label": "Groups"});
function showLegend() {
  legend.replaceChildren();
  if (!colouring.groups) {
    const steps = colouring.looks.slice(0, -1).filter((_, nth) => nth % 4 === 0).map((kind) => swatch(kind));
    legend.append(element("span", {class: "number", text: colouring.name}), element("span", {text: short(colouring.low)}),
      element("span", {class: "scale", style: {background: `linear-gradient(to right, ${colouring.scale.join(",")})`}}),
      element("span", {text: short(colouring.high)}), element("span", {class: "steps", title: "larger points: larger values"}, ...steps));
    return;
  }
  const sizes = colouring.groups.map(() => 0), off = hidden.get(colouring);
  for (const group of colouring.of) sizes[group]++;
  colouring.groups.forEach((group, nth) => legend.append(element("button", {type: "button", class: "group",
    "aria-pressed": String(!off.has(nth)), title: "Show or hide; with shift, show only this",
    onclick: (event) => switchGroup(nth, event.shiftKey)},
  swatch(group), element("span", {text: group.name}), element("i", {text: sizes[nth]}))));
  if (colouring.groups.length > 2)
    legend.append(element("button", {type: "button", class: "all", text: "Show all", onclick: () => switchGroup(-1, false)}));
}
function switchGroup(nth, only) {
  const off = hidden.get(colouring);
  if (nth < 0) off.clear();
  else if (only) colouring.groups.forEach((_, other) => other === nth ? off.delete(other) : off.add(other));
  else if (!off.delete(nth)) off.add(nth);
  [...legend.querySelectorAll(".group")].forEach((made, other) => made.setAttribute("aria-pressed", String(!off.has(other))));
  redraw();
}
function setColouring(index) {
  colouring = data.colourings[index];
  showLegend();
  if (chosen >= 0) { showCard(); showNear(); }
  select([...selected]);
  redraw();
}

// ---- the page

const plural = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`;
field.setAttribute("aria-label", `Map of ${plural(count, "sound")}`);
const zoomButton = (text, name, act) => element("button", {type: "button", text, "aria-label": name, title: name, onclick: act});
const bar = element("div", {class: "bar top"},
  ...(data.maps.length > 1 ? [chooser("Map", data.maps.map((map) => map.name), (index) => goTo(data.maps[index]))] : []),
  ...(data.colourings.length > 1 ? [chooser("Colour", data.colourings.map((one) => one.name), setColouring)] : []),
  element("span", {class: "search"}, search, found, listButton), lassoButton,
  element("span", {class: "zoom", role: "group", "aria-label": "Zoom"}, zoomButton("−", "Zoom out", () => zoomAt(width / 2, height / 2, 1 / 1.6)),
    zoomButton("+", "Zoom in", () => zoomAt(width / 2, height / 2, 1.6)), zoomButton("⤢", "Show all of the map", reset)));
const checks = element("div", {class: "bar checks"},
  toggler("Play while moving", false, (on) => { playOnHover = on; }),
  toggler("Names of groups", true, (on) => { namesOn = on; redraw(); }),
  ...(data.neighbours ? [toggler("Most similar sounds", true, (on) => { nearOn = on; near.hidden = !on || chosen < 0; redrawOver(); })] : []));
main.append(
  element("header", {}, element("h1", {text: data.title || "Map of sounds"}), element("p", {class: "text", text: data.summary.slice(data.title ? data.title.length + 2 : 0)})),
  bar,
  element("div", {class: "columns"}, element("div", {class: "left"}, field, legend, checks),
    element("aside", {}, card, selection, near)),
  element("p", {class: "unseen", id: "help", text: "Arrow keys go to the nearest sound in that direction, Enter plays it, " +
    "space pauses, Escape stops, plus and minus zoom, zero shows all. Search and press List for a list of sounds. " + data.summary}),
  said, spoken);
buildGrid();
showLegend();
new ResizeObserver(resize).observe(field);
window.addEventListener("resize", resize);

// for tests, and for whoever opens the browser's console
window.soundMap = {
  audio, drawn,
  get chosen() { return chosen; },
  get playing() { return audio.paused ? -1 : playing; },
  get queue() { return queue.slice(); },
  get selected() { return [...selected]; },
  get shown() { return data.names.map((_, index) => index).filter(shown); },
  get zoom() { return view.zoom; },
  get lines() { return neighbourLines().map(({to, kept}) => [to, kept]); },
  get ready() { return Boolean(view.started) && !waiting; },
  get still() { return !waiting && !waitingOver; },
  get cursor() { return parseFloat(cursor.style.left) / 100 * secondsOf(chosen); },
  within: (index) => onScreen(index),                   // where a point is: in the map, in the window
  place(index) {
    const box = field.getBoundingClientRect(), [x, y] = onScreen(index);
    return [box.left + x, box.top + y];
  },
};
