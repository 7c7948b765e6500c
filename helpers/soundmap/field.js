// The map itself: where points are on the screen, which one is meant, and drawing them.
// Points lie on a canvas that is drawn only when one of them changes; what moves lies on a second one above it.

const main = document.getElementById("map");
const under = element("canvas", {class: "points", "aria-hidden": "true"});
const over = element("canvas", {class: "moving", "aria-hidden": "true"});
const tip = element("div", {class: "tip", "aria-hidden": "true", hidden: ""});
const field = element("div", {class: "field", tabindex: 0, role: "application", "aria-roledescription": "sound map",
  "aria-describedby": "help"}, under, over, tip);

const MOST_ZOOM = 60, EDGE = 30, NEAR = 14;  // pixels: free at the edges; how far from a point a click may be
const view = {zoom: 1, x: 0, y: 0};          // x and y: the place on the map that is in the middle
let width = 1, height = 1, dots = 1, fit = 1, middle = [0, 0];
let placed = {x: data.maps[0].x.slice(), y: data.maps[0].y.slice()};
let matches = null;                          // of a search: a set, or null where nothing is searched
let chosen = -1, hovered = -1, selected = new Set(), lasso = null, grid = null;
const drawn = {frames: 0, copies: 0, looked: 0};

// ---- from the map to the screen and back

const screenX = (x) => (x - view.x) * fit * view.zoom + width / 2;
const screenY = (y) => (view.y - y) * fit * view.zoom + height / 2;
const onScreen = (index) => [screenX(placed.x[index]), screenY(placed.y[index])];
function fitTo() {
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let index = 0; index < count; index++) {
    left = Math.min(left, placed.x[index]); right = Math.max(right, placed.x[index]);
    low = Math.min(low, placed.y[index]); high = Math.max(high, placed.y[index]);
  }
  middle = [(left + right) / 2, (low + high) / 2];
  fit = Math.min((width - 2 * EDGE) / (right - left || data.scale / 10), (height - 2 * EDGE) / (high - low || data.scale / 10));
  view.span = [(right - left) / 2, (high - low) / 2];
}
function lookAt(x, y, zoom) {
  view.zoom = Math.min(Math.max(zoom, 1), MOST_ZOOM);
  const room = 1 - 1 / view.zoom;            // the nearer, the further one may go from the middle
  view.x = Math.min(Math.max(x, middle[0] - view.span[0] * room), middle[0] + view.span[0] * room);
  view.y = Math.min(Math.max(y, middle[1] - view.span[1] * room), middle[1] + view.span[1] * room);
  redraw();
}
const reset = () => lookAt(middle[0], middle[1], 1);
function zoomAt(x, y, factor) {
  const zoom = Math.min(Math.max(view.zoom * factor, 1), MOST_ZOOM), scale = fit * zoom;
  const mapX = view.x + (x - width / 2) / (fit * view.zoom), mapY = view.y - (y - height / 2) / (fit * view.zoom);
  lookAt(mapX - (x - width / 2) / scale, mapY + (y - height / 2) / scale, zoom);
}
const radius = () => Math.min(11, Math.min(7, Math.max(2.6, 1.1 * Math.sqrt(width * height / count) / 9)) * view.zoom ** 0.3);

// ---- which point: a grid of squares with about two points in each

function buildGrid() {
  const cells = Math.max(1, Math.round(Math.sqrt(count / 2))), size = data.scale / cells * 1.0001;
  const found = new Map();
  for (let index = 0; index < count; index++) {
    const key = Math.floor(placed.x[index] / size) * 4096 + Math.floor(placed.y[index] / size);
    if (found.has(key)) found.get(key).push(index);
    else found.set(key, [index]);
  }
  grid = {size, found};
}
function pointAt(x, y) {
  drawn.looked = 0;
  const reach = NEAR / (fit * view.zoom);
  const mapX = view.x + (x - width / 2) / (fit * view.zoom), mapY = view.y - (y - height / 2) / (fit * view.zoom);
  let best = -1, least = reach * reach;
  for (let column = Math.floor((mapX - reach) / grid.size); column <= (mapX + reach) / grid.size; column++)
    for (let row = Math.floor((mapY - reach) / grid.size); row <= (mapY + reach) / grid.size; row++)
      for (const index of grid.found.get(column * 4096 + row) || []) {
        drawn.looked++;
        const far = (placed.x[index] - mapX) ** 2 + (placed.y[index] - mapY) ** 2;
        if (far <= least && shown(index)) { best = index; least = far; }
      }
  return best;
}
// the nearest point in a direction: further ones count less, and so do those far off the line
function pointToward(from, right, up) {
  let best = -1, least = Infinity;
  for (let index = 0; index < count; index++) {
    if (index === from || !shown(index) || (matches && !matches.has(index))) continue;
    const x = placed.x[index] - placed.x[from], y = placed.y[index] - placed.y[from];
    const along = x * right + y * up, aside = Math.abs(x * up - y * right);
    const far = along + 2 * aside;
    if (along > 0 && aside <= 2 * along && far < least) { best = index; least = far; }
  }
  return best;
}
function inside(path) {
  return Array.from({length: count}, (_, index) => index).filter((index) => {
    if (!shown(index) || (matches && !matches.has(index))) return false;
    const [x, y] = onScreen(index);
    let within = false;
    for (let one = 0, other = path.length - 1; one < path.length; other = one++) {
      const [ax, ay] = path[one], [bx, by] = path[other];
      if ((ay > y) !== (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax) within = !within;
    }
    return within;
  });
}

// ---- drawing

let waiting = false, waitingOver = false, namesOn = true;
function redraw() {
  if (!waiting) { waiting = true; requestAnimationFrame(draw); }
  redrawOver();
}
function redrawOver() {
  if (!waitingOver) { waitingOver = true; requestAnimationFrame(drawOver); }
}
function draw() {
  waiting = false;
  drawn.frames++;
  drawn.copies = 0;
  const context = under.getContext("2d"), {canvas, half, side, slots} = lookSheet(radius(), dots);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, under.width, under.height);
  const put = (index) => {
    const x = screenX(placed.x[index]), y = screenY(placed.y[index]);
    if (x < -20 || y < -20 || x > width + 20 || y > height + 20) return;
    context.drawImage(canvas, slots[colouring.of[index]] * side, selected.has(index) ? side : 0, side, side,
      Math.round((x - half) * dots), Math.round((y - half) * dots), side, side);
    drawn.copies++;
  };
  if (matches) {                             // those that were not searched for: faint, and below
    context.globalAlpha = 0.13;
    for (let index = 0; index < count; index++) if (shown(index) && !matches.has(index)) put(index);
    context.globalAlpha = 1;
  }
  for (let index = 0; index < count; index++) if (shown(index) && (!matches || matches.has(index))) put(index);
  if (namesOn) drawNames(context);
}
function drawNames(context) {
  if (!colouring.groups || colouring.groups.length > 40) return;
  const members = colouring.groups.map(() => []), taken = [];
  for (let index = 0; index < count; index++) members[colouring.of[index]].push(index);
  context.setTransform(dots, 0, 0, dots, 0, 0);
  Object.assign(context, {font: "600 13px system-ui, sans-serif", textAlign: "center", textBaseline: "middle",
    lineJoin: "round", lineWidth: 4, strokeStyle: "rgb(255 255 255 / 90%)", fillStyle: INK});
  const part = (values, share) => values[Math.min(Math.floor(values.length * share), values.length - 1)];
  members.forEach((group, nth) => {
    if (!group.length || hidden.get(colouring).has(nth)) return;
    const name = [...colouring.groups[nth].name].slice(0, 24).join("");
    const [xs, ys] = [placed.x, placed.y].map((values) =>
      group.map((index) => values[index]).sort((one, other) => one - other));
    // the bulk of the group, as the whiskers of a box plot: its name stands above it, or within it if that is wide
    const reach = 1.5 * (part(ys, 0.75) - part(ys, 0.25));
    const bulk = ys.filter((y) => y >= part(ys, 0.25) - reach && y <= part(ys, 0.75) + reach);
    const high = screenY(bulk.at(-1)), half = context.measureText(name).width / 2 + 3;
    let [x, y] = [screenX(part(xs, 0.5)), screenY(part(ys, 0.5))];
    if (x < 0 || x > width || y < 0 || y > height) return;
    if (screenY(bulk[0]) - high < 110) y = Math.max(high - radius() - 11, 10);
    x = Math.min(Math.max(x, half + 2), width - half - 2);
    if (taken.some((box) => Math.abs(box.x - x) < box.half + half && Math.abs(box.y - y) < 17)) return;
    taken.push({x, y, half});
    context.strokeText(name, x, y);
    context.fillText(name, x, y);
  });
}
function drawOver() {
  waitingOver = false;
  const context = over.getContext("2d"), size = radius();
  context.setTransform(dots, 0, 0, dots, 0, 0);
  context.clearRect(0, 0, width, height);
  const ring = (index, colour, more, line) => {
    const [x, y] = onScreen(index);
    context.beginPath();
    context.arc(x, y, size + more, 0, 2 * Math.PI);
    Object.assign(context, {lineWidth: line + 2, strokeStyle: "white"});
    context.stroke();
    Object.assign(context, {lineWidth: line, strokeStyle: colour});
    context.stroke();
  };
  if (chosen >= 0) {
    for (const line of neighbourLines(chosen)) drawLine(context, line);
    ring(chosen, INK, 5, 2.2);
    const [x, y] = onScreen(chosen), share = progress();
    paint(context, look(chosen), x, y, size * look(chosen).size + 1, false);
    if (share > 0) {                         // how much of it was heard, around the point
      context.beginPath();
      context.arc(x, y, size + 9, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
      Object.assign(context, {lineWidth: 4, strokeStyle: BLUE, lineCap: "round"});
      context.stroke();
    }
  }
  if (hovered >= 0 && hovered !== chosen) ring(hovered, BLUE, 4, 2);
  if (lasso) {
    context.beginPath();
    for (const [x, y] of lasso) context.lineTo(x, y);
    context.closePath();
    Object.assign(context, {fillStyle: "rgb(86 180 233 / 18%)", strokeStyle: BLUE, lineWidth: 1.8});
    context.fill();
    context.stroke();
  }
}
function drawLine(context, {to, rank, kept}) {
  const [ax, ay] = onScreen(chosen), [bx, by] = onScreen(to);
  context.setLineDash(kept ? [] : [7, 5]);
  for (const [lineWidth, strokeStyle] of [[4.5, "rgb(255 255 255 / 85%)"], [2.2, kept ? BLUE : TORN]]) {
    context.beginPath();
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    Object.assign(context, {lineWidth, strokeStyle});
    context.stroke();
  }
  context.setLineDash([]);
  const far = Math.hypot(bx - ax, by - ay) || 1, off = radius() + 9;
  Object.assign(context, {font: "700 12px system-ui, sans-serif", textAlign: "center", textBaseline: "middle",
    lineWidth: 4, strokeStyle: "white", fillStyle: kept ? "#004a75" : "#8f3f00"});
  const x = bx + (bx - ax) / far * off, y = by + (by - ay) / far * off;
  context.strokeText(String(rank), x, y);
  context.fillText(String(rank), x, y);
}
function resize() {
  const box = field.getBoundingClientRect();
  if (!box.width) return;
  [width, height, dots] = [box.width, box.height, window.devicePixelRatio || 1];
  for (const canvas of [under, over]) Object.assign(canvas, {width: Math.round(width * dots), height: Math.round(height * dots)});
  fitTo();
  lookAt(view.started ? view.x : middle[0], view.started ? view.y : middle[1], view.zoom);
  view.started = true;
}

// ---- another map of the same sounds: points wander there, so that the eye can follow them

let wandering = 0;
function goTo(map) {
  const from = {x: placed.x.slice(), y: placed.y.slice()}, begun = performance.now(), own = ++wandering;
  const arrive = () => {
    placed = {x: map.x.slice(), y: map.y.slice()};
    fitTo(); buildGrid(); reset();
    showNear();
  };
  const step = (now) => {
    if (own !== wandering) return;
    const share = Math.min(Math.max((now - begun) / 900, 0), 1), eased = share * share * (3 - 2 * share);
    if (share >= 1) { arrive(); return; }
    for (const axis of ["x", "y"])
      for (let index = 0; index < count; index++)
        placed[axis][index] = from[axis][index] + (map[axis][index] - from[axis][index]) * eased;
    fitTo(); reset();
    requestAnimationFrame(step);
  };
  hovered = -1;
  tip.hidden = true;
  if (still.matches) arrive();
  else requestAnimationFrame(step);
}
