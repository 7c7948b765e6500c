// What is listed beside the map: the nearest sounds of the one that was chosen, and those that were selected.

const MOST_LISTED = 300;
const near = element("section", {class: "near", "aria-label": "Nearest sounds", hidden: ""});
const nearText = element("p", {class: "text"}), nearList = element("ol");
near.append(element("h3"), nearText, nearList);
const selection = element("section", {class: "selection", "aria-label": "Selected sounds", hidden: ""});
const selectionHead = element("h3"), selectionList = element("ul");
const copied = element("textarea", {readonly: "", rows: 3, hidden: "", "aria-label": "Names of the selected sounds"});
const copiedText = element("span", {class: "text", role: "status"});
selection.append(selectionHead, element("div", {class: "bar"},
  element("button", {type: "button", text: "▶ Play all in turn", onclick: () => playInTurn(listed())}),
  element("button", {type: "button", text: "Copy names", onclick: copyNames}),
  element("button", {type: "button", text: "Clear", onclick: () => select([])}), copiedText), copied, selectionList);

const entries = new Map();  // by sound: the buttons that play it
function entry(index, text, extra = "") {
  const made = element("button", {type: "button", class: `entry ${extra}`, onclick: () => choose(index),
    onmouseenter: () => hover(index, false), onmouseleave: () => hover(-1, false)},
  swatch(look(index)), element("span", {text}));
  if (!entries.has(index)) entries.set(index, []);
  entries.get(index).push(made);
  return made;
}
function forget(list) {
  for (const made of list.querySelectorAll(".entry"))
    for (const [index, buttons] of entries) {
      if (!buttons.includes(made)) continue;
      if (buttons.length === 1) entries.delete(index);
      else buttons.splice(buttons.indexOf(made), 1);
    }
  list.replaceChildren();
}
function markLists() {
  for (const [index, buttons] of entries)
    for (const made of buttons) {
      const now = index === playing && !audio.paused;
      made.classList.toggle("playing", now);
      if (now && made.parentElement.parentElement === selectionList && queue.length) inList(made);
    }
}

// scroll the list, and not the page around it
function inList(made) {
  const box = made.getBoundingClientRect(), list = selectionList.getBoundingClientRect();
  if (box.top < list.top || box.bottom > list.bottom) selectionList.scrollTop += box.top - list.top - list.height / 3;
}

// ---- nearest in the embedding: whether the map keeps them near

let nearOn = Boolean(data.neighbours);
function nearestOnMap(index, k) {
  const far = (other) => (placed.x[other] - placed.x[index]) ** 2 + (placed.y[other] - placed.y[index]) ** 2;
  const best = [];                      // the k nearest so far, nearest first
  for (let other = 0; other < count; other++) {
    if (other === index) continue;
    const distance = far(other);
    if (best.length === k && distance >= best[k - 1].distance) continue;
    let at = best.length;
    while (at && best[at - 1].distance > distance) at--;
    best.splice(at, 0, {other, distance});
    best.length = Math.min(best.length, k);
  }
  return new Set(best.map(({other}) => other));
}
let lines = [];
const neighbourLines = () => nearOn ? lines.filter(({to}) => shown(to)) : [];
function showNear() {
  if (chosen < 0 || !data.neighbours) return;
  const found = data.neighbours[chosen], onMap = nearestOnMap(chosen, found.length);
  lines = found.map((to, nth) => ({to, rank: nth + 1, kept: onMap.has(to)}));
  near.hidden = !nearOn || !found.length;
  near.firstChild.textContent = `The ${found.length} most similar sounds`;
  const kept = lines.filter((line) => line.kept).length;
  nearText.textContent = `By the embedding, not by this map: ${kept} of them ${kept === 1 ? "is" : "are"} also among the ` +
    `${found.length} nearest points here (solid lines).${kept < found.length ? " On this map, others come nearer than the rest (dashed)." : ""}`;
  forget(nearList);
  for (const line of lines)
    nearList.append(element("li", {}, entry(line.to, words(line.to), line.kept ? "kept" : "torn")));
  redrawOver();
}

// ---- the selection

const listed = () => [...selected].filter(shown);
function select(indices) {
  selected = new Set(indices);
  forget(selectionList);
  copied.hidden = true;
  copiedText.textContent = "";
  selection.hidden = !selected.size;
  selectionHead.textContent = `${selected.size} sound${selected.size === 1 ? "" : "s"} selected`;
  for (const index of indices.slice(0, MOST_LISTED)) selectionList.append(element("li", {}, entry(index, words(index))));
  if (indices.length > MOST_LISTED)
    selectionList.append(element("li", {class: "text", text: `and ${indices.length - MOST_LISTED} more, which are played and copied too`}));
  spoken.textContent = selectionHead.textContent;
  if (indices.length) selection.scrollIntoView({block: "nearest"});
  markLists();
  redraw();
}
function copyNames() {
  copied.value = listed().map((index) => data.names[index].replace(/[\r\n\u2028\u2029]+/g, " ")).join("\n");
  copied.hidden = false;
  copied.focus();
  copied.select();
  const done = document.execCommand("copy");   // works in a frame that may not use the clipboard by itself
  copiedText.textContent = done ? `${selected.size} copied` : "Press Ctrl+C to copy";
}
