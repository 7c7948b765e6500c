// What the points look like: shapes with an outline, drawn once for each look and then only copied.

const data = JSON.parse(document.getElementById("data").textContent);
const count = data.names.length;
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const BLUE = "#0072B2", TORN = "#D55E00", INK = "#1a1a1a";

// each as corners on a circle of radius 1, or as a function; sizes are chosen so that all cover about the same area
const corners = (n, turn, size) => Array.from({length: n}, (_, nth) => {
  const angle = turn + 2 * Math.PI * nth / n;
  return [size * Math.cos(angle), size * Math.sin(angle)];
});
const star = () => Array.from({length: 10}, (_, nth) => {
  const angle = -Math.PI / 2 + Math.PI * nth / 5, size = nth % 2 ? 0.55 : 1.3;
  return [size * Math.cos(angle), size * Math.sin(angle)];
});
const cross = (turn) => [[-0.37, -1.1], [0.37, -1.1], [0.37, -0.37], [1.1, -0.37], [1.1, 0.37], [0.37, 0.37],
  [0.37, 1.1], [-0.37, 1.1], [-0.37, 0.37], [-1.1, 0.37], [-1.1, -0.37], [-0.37, -0.37]].map(([x, y]) =>
  [x * Math.cos(turn) - y * Math.sin(turn), x * Math.sin(turn) + y * Math.cos(turn)]);
const SHAPES = {
  "o": null, "s": corners(4, Math.PI / 4, 1.22), "^": corners(3, -Math.PI / 2, 1.3), "D": corners(4, 0, 1.22),
  "v": corners(3, Math.PI / 2, 1.3), "P": cross(0), "*": star(), "X": cross(Math.PI / 4),
  "<": corners(3, Math.PI, 1.3), ">": corners(3, 0, 1.3),
};

function outline(context, marker, x, y, radius) {
  context.beginPath();
  const shape = SHAPES[marker];
  if (!shape) context.arc(x, y, radius, 0, 2 * Math.PI);
  else {
    for (const [dx, dy] of shape) context.lineTo(x + dx * radius, y + dy * radius);
    context.closePath();
  }
}
function paint(context, {marker, colour}, x, y, radius, chosen) {
  outline(context, marker, x, y, radius);
  context.lineJoin = "round";
  if (chosen) {
    context.lineWidth = 5; context.strokeStyle = BLUE; context.stroke();
    context.lineWidth = 2.4; context.strokeStyle = "white"; context.stroke();
  }
  context.fillStyle = colour;
  context.fill();
  context.lineWidth = Math.min(1, 0.2 + radius / 8);
  context.strokeStyle = "#333";
  context.stroke();
}

// ---- looks: one for each group, or for each step of the scale, where larger values are also larger points

let colouring = data.colourings[0];
const hidden = new Map(data.colourings.map((one) => [one, new Set()]));  // groups that are switched off
const GREY = {colour: "#b8b8b8", marker: "o", size: 1};
const steps = (one) => one.scale.map((colour, nth) =>
  ({colour, marker: "o", size: 0.75 + 0.6 * nth / (one.scale.length - 1)}));
for (const one of data.colourings) {
  one.looks = one.groups ? one.groups.map((group) => ({...group, size: 1})) : [...steps(one), GREY];
  if (!one.groups) {
    const range = one.high - one.low || 1, last = one.scale.length - 1;
    one.of = one.values.map((value) => value === null ? last + 1 : Math.round((value - one.low) / range * last));
  }
}
const short = (value) => String(Number(value.toPrecision(3))).replace("-", "−");
const look = (index) => colouring.looks[colouring.of[index]];
const shown = (index) => !colouring.groups || !hidden.get(colouring).has(colouring.of[index]);
const valueOf = (one, index) => one.groups ? one.groups[one.of[index]].name :
  one.values[index] === null ? "none" : short(one.values[index]);
const labelOf = (index) => valueOf(data.colourings[0], index);
const words = (index) => data.colourings[0].groups && data.colourings[0].groups.length > 1 ?
  `${labelOf(index)}, ${data.names[index]}` : data.names[index];

// every look on one sheet, plain and selected: a browser copies fastest from a single picture
let sheet = {};
function lookSheet(radius, dots) {
  const name = `${data.colourings.indexOf(colouring)} ${radius.toFixed(2)} ${dots}`;
  if (sheet.name === name) return sheet;
  const half = Math.ceil(radius * 1.35 * 1.3 + 4), side = 2 * half, slots = new Map(), canvas = document.createElement("canvas");
  const keyOf = (kind) => `${kind.colour} ${kind.marker} ${kind.size}`;
  for (const kind of colouring.looks) if (!slots.has(keyOf(kind))) slots.set(keyOf(kind), [slots.size, kind]);
  [canvas.width, canvas.height] = [slots.size * side * dots, 2 * side * dots].map(Math.ceil);
  const context = canvas.getContext("2d");
  context.scale(dots, dots);
  for (const [slot, kind] of slots.values())
    for (const chosen of [0, 1]) paint(context, kind, slot * side + half, chosen * side + half, radius * kind.size, Boolean(chosen));
  sheet = {name, canvas, half, side: side * dots, slots: colouring.looks.map((kind) => slots.get(keyOf(kind))[0])};
  return sheet;
}
function swatch(kind) {
  const dots = 2, canvas = element("canvas", {class: "swatch", width: 16 * dots, height: 16 * dots, "aria-hidden": "true"});
  const context = canvas.getContext("2d");
  context.scale(dots, dots);
  paint(context, kind, 8, 8, 5, false);
  return canvas;
}
