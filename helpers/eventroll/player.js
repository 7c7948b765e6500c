// What moves: one audio element, and everything on the page follows it.

const audio = document.getElementById("audio");
const STEP = 0.5, LONG_STEP = 5;  // seconds: arrow keys, and with shift
const ZOOMS = [1, 2, 4, 8, 16, 32];
let stretch = null;               // what plays now, if it is one event
let zoom = 1, width = 1;          // width: of everything, in pixels
const stretches = [];             // all that were played, and where each stopped

if (window.parent !== window) document.documentElement.classList.add("framed");

// ---- the sound: the whole of it, or one stretch that stops at its end

function start() {
  audio.play().catch((error) => {
    if (error.name !== "AbortError") said.textContent = "The browser did not play the sound: press play once more.";
  });
}
function endStretch() {
  if (!stretch) return;
  stretch.to = audio.currentTime;
  for (const button of stretch.buttons) button.classList.remove("playing");
  stretch = null;
}
function playEvent({play: [from, until], buttons, text}) {
  endStretch();
  stretch = {start: from, end: until, to: null, begun: false, buttons};
  stretches.push(stretch);
  for (const button of buttons) button.classList.add("playing");
  audio.currentTime = from;
  start();
  showStretch();
  spoken.textContent = `Playing ${text}`;
}
function toggle() {
  if (!audio.paused) { audio.pause(); return; }
  if (audio.currentTime >= data.duration - 0.01) audio.currentTime = 0;
  start();
}
function seek(seconds) {
  endStretch();
  audio.currentTime = Math.min(Math.max(seconds, 0), data.duration);
  follow();
}
function checkEnd() {
  if (stretch && stretch.begun && !audio.seeking && audio.currentTime >= stretch.end) audio.pause();
}
function frame() {
  checkEnd();
  follow();
  if (!audio.paused) requestAnimationFrame(frame);
}
function stopped() {
  endStretch();
  showPlaying();
  showStretch();
  follow();
}
audio.addEventListener("seeked", () => {
  if (stretch) stretch.begun = true;
  showStretch();
  follow();
});
audio.addEventListener("play", () => { said.textContent = ""; showPlaying(); requestAnimationFrame(frame); });
audio.addEventListener("pause", stopped);
audio.addEventListener("ended", stopped);
// frames do not come while the page is out of sight; this does, a few times a second
audio.addEventListener("timeupdate", () => { checkEnd(); showStretch(); follow(); });
audio.addEventListener("error", () => { said.textContent = "This browser cannot play the sound."; });

// ---- the page

const button = element("button", {class: "play", type: "button", onclick: toggle});
const time = element("span", {class: "time"}), zoomText = element("span");
const said = element("p", {class: "said", role: "alert"});
const spoken = element("p", {class: "unseen", "aria-live": "polite"});
const zoomButton = (sign, name, step) => element("button", {type: "button", text: sign, "aria-label": name,
  onclick: () => setZoom(ZOOMS[ZOOMS.indexOf(zoom) + step] || zoom)});
main.append(
  element("header", {}, element("h1", {text: data.title || "Event roll"}),
    element("p", {class: "facts", text: `${data.text} · ${data.counts}`})),
  element("div", {class: "bar"}, button, time, element("div", {class: "zoom", role: "group", "aria-label": "Zoom in time"},
    zoomButton("−", "Zoom out", -1), zoomText, zoomButton("+", "Zoom in", 1))),
  element("div", {class: "grid"}, names, view, scales));
const [slider, axis] = rows();
const band = element("div", {class: "band"}), cursor = element("div", {class: "cursor"});
canvas.append(band, cursor);
main.append(signs(), said, spoken, ...(data.judged ? [errorList()] : []));

function clock(seconds) {
  if (data.duration < 60) return `${seconds.toFixed(2)} s`;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;
}
function showPlaying() {
  button.textContent = audio.paused ? "▶ Play" : "❚❚ Pause";
  button.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
}
function follow() {
  const now = audio.currentTime, place = now / data.duration * width;
  cursor.style.transform = `translateX(${place}px)`;  // moves a layer; changing "left" would paint the picture again
  time.textContent = `${clock(now)} / ${clock(data.duration)}`;
  if (zoom > 1) {
    const beyond = place - view.scrollLeft;
    if (beyond < 0 || beyond > view.clientWidth) view.scrollLeft += beyond - 0.1 * view.clientWidth;
  }
}
function showStretch() {
  band.hidden = !stretch;
  if (stretch) Object.assign(band.style, {left: share(stretch.start), width: share(stretch.end - stretch.start)});
  slider.setAttribute("aria-valuenow", audio.currentTime.toFixed(2));
  slider.setAttribute("aria-valuetext", `${audio.currentTime.toFixed(2)} seconds`);
}
function fit() {
  width = canvas.clientWidth;
  arrange();
  follow();
}
function setZoom(factor) {
  zoom = factor;
  zoomText.textContent = `${factor}×`;
  canvas.style.width = percent(factor);
  fit();
  view.scrollLeft = audio.currentTime / data.duration * canvas.clientWidth - view.clientWidth / 2;
}
canvas.addEventListener("click", (event) => {
  if (event.target.closest(".event")) return;
  const box = canvas.getBoundingClientRect();
  seek((event.clientX - box.left) / box.width * data.duration);
});

// ---- keys

let spaceUsed = false;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const step = event.shiftKey ? LONG_STEP : STEP;
  const moves = {ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step};
  if (event.key === " ") {
    // while something plays space pauses; otherwise it presses the button that it is on, or plays
    spaceUsed = !audio.paused || !event.target.closest("button");
    if (!spaceUsed) return;
    if (!event.repeat) toggle();
  } else if (event.key in moves) seek(audio.currentTime + moves[event.key]);
  else if (event.key === "Home") seek(0);
  else if (event.key === "End") seek(data.duration);
  else return;
  event.preventDefault();
});
// Firefox presses the button when space comes up, even if it was used up when it went down
document.addEventListener("keyup", (event) => { if (event.key === " " && spaceUsed) event.preventDefault(); });

new ResizeObserver(fit).observe(view);
showPlaying();
setZoom(1);
showStretch();

// for tests, and for whoever opens the browser's console
window.eventRoll = {
  get ready() { return audio.readyState === 4; },
  get time() { return audio.currentTime; },
  get paused() { return audio.paused; },
  get playing() { return stretch && [stretch.start, stretch.end]; },
  get cursor() { return new DOMMatrix(getComputedStyle(cursor).transform).e / width * data.duration; },
  // stretches that have stopped: what each should play, and where the audio element stopped
  get played() { return stretches.filter(({to}) => to !== null).map(({start, end, to}) => ({start, end, to})); },
  // everything that the audio element has ever played, by its own account
  get heard() {
    return Array.from({length: audio.played.length}, (_, nth) => [audio.played.start(nth), audio.played.end(nth)]);
  },
};
