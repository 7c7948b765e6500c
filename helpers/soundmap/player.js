// The sound that was chosen: it plays, its spectrogram stands beside the map, and a cursor moves with it.

const audio = new Audio();
audio.preload = "auto";
const facts = data.facts;
let queue = [], onward = false;    // sounds that are still to be played; whether the next change comes from the queue
let playing = -1;

const inPage = Boolean(data.sounds);
const numbered = (index, kind) => `${data.folder}${String(index).padStart(5, "0")}.${kind}`;
const soundOf = (index) => inPage ? `data:audio/mpeg;base64,${data.sounds[index]}` :
  data.links ? data.links[index] : numbered(index, "mp3");
const pictureOf = (index) => inPage ? `data:image/png;base64,${data.pictures[index]}` : numbered(index, "png");
const beginOf = (index) => data.begins ? data.begins[index] : 0;
const secondsOf = (index) => facts.seconds[index];

const said = element("p", {class: "said", role: "alert"});
const spoken = element("p", {class: "unseen", id: "spoken", "aria-live": "polite"});
const percent = (value) => `${100 * value}%`;

// ---- the sound

const place = () => chosen < 0 || playing !== chosen ? 0 :
  Math.min(Math.max(audio.currentTime - beginOf(chosen), 0), secondsOf(chosen));
const progress = () => audio.paused || playing !== chosen ? 0 : place() / secondsOf(chosen);
function load(index) {
  if (playing === index) return;
  audio.src = soundOf(index) + (beginOf(index) ? `#t=${beginOf(index)}` : "");
  playing = index;
}
function start(from = 0) {
  said.textContent = "";
  const loaded = playing === chosen && audio.readyState;
  load(chosen);
  if (loaded) audio.currentTime = beginOf(chosen) + from;    // else its address says where it begins
  audio.play().catch((error) => {
    if (error.name !== "AbortError")
      said.textContent = error.name === "NotAllowedError" ? "The browser waits for a click: press play." :
        "This browser cannot play the sound, or its file is not where the page expects it.";
  });
}
function choose(index, {play = true, keepQueue = false} = {}) {
  if (index < 0) return;
  if (!keepQueue) queue = [];
  const changed = index !== chosen;
  chosen = index;
  if (changed) { audio.pause(); showCard(); showNear(); }
  if (play) start();
  else load(index);
  spoken.textContent = `${play ? "Playing " : ""}${words(index)}${describe(index)}`;
  markLists();
  redrawOver();
}
function stop() {
  queue = [];
  audio.pause();
  if (chosen >= 0) { audio.currentTime = beginOf(chosen); follow(); }
  spoken.textContent = "Stopped";
  markLists();
}
function toggle() {
  if (chosen < 0) return;
  if (!audio.paused) audio.pause();
  else start(place() < secondsOf(chosen) - 0.02 ? place() : 0);
}
function playInTurn(indices) {
  queue = indices.slice(1);
  if (indices.length) choose(indices[0], {keepQueue: true});
}
function next() {
  if (queue.length) choose(queue.shift(), {keepQueue: true});
}
function checkEnd() {
  if (audio.paused || audio.seeking || playing !== chosen || !data.begins) return;
  if (audio.currentTime >= beginOf(chosen) + secondsOf(chosen)) { audio.pause(); finished(); }
}
function finished() { showPlaying(); markLists(); follow(); next(); }
function frame() {
  checkEnd();
  follow();
  if (!audio.paused) requestAnimationFrame(frame);
}
audio.addEventListener("play", () => { showPlaying(); markLists(); requestAnimationFrame(frame); });
audio.addEventListener("pause", () => { showPlaying(); follow(); });
audio.addEventListener("ended", finished);
audio.addEventListener("seeked", () => follow());
audio.addEventListener("timeupdate", () => { checkEnd(); follow(); });  // comes also while the page is out of sight

// ---- the card: what it is, its spectrogram, play and stop

const card = element("section", {class: "card", "aria-label": "The sound"});
const title = element("h2"), about = element("p", {class: "about"}), text = element("p", {class: "text"});
const button = element("button", {class: "play", type: "button", onclick: toggle});
const stopButton = element("button", {type: "button", text: "■ Stop", onclick: stop});
const time = element("span", {class: "time"});
const picture = element("img"), cursor = element("div", {class: "cursor"}), played = element("div", {class: "played"});
const frameOf = element("div", {class: "picture", role: "slider", tabindex: 0, "aria-label": "Position in the sound",
  "aria-valuemin": 0}, picture, played, cursor);
const axisX = element("div", {class: "axis"}), axisY = element("div", {class: "khz", "aria-hidden": "true"});
const ramp = element("div", {class: "ramp"}), levels = element("div", {class: "levels"});
const hint = element("div", {class: "hint"}, element("b", {text: "Click a point to hear it."}),
  element("p", {text: "Wheel and drag: zoom and pan. Shift and drag: draw around sounds to list them."}),
  element("p", {text: "Keys: arrows go from sound to sound, Enter plays, Escape stops, + − 0 zoom."}));
const filled = element("div", {class: "filled", hidden: ""}, title, about,
  element("div", {class: "spectrogram"}, axisY, frameOf, element("div", {class: "level"}, ramp, levels), axisX),
  element("div", {class: "bar"}, button, stopButton, time), text);
card.append(hint, filled);
ramp.style.background = `linear-gradient(to top, ${data.axes.colours.join(",")})`;
axisY.append(element("span", {class: "unit", text: "Frequency (kHz)"}), ...data.axes.ticks.map(([at, khz]) =>
  element("span", {class: "tick", text: khz, style: {bottom: percent(Math.min(Math.max(at, 0.03), 0.97))}})));

const describe = (index) => data.colourings.slice(1).map((one) => `, ${one.name} ${valueOf(one, index)}`).join("");
function showCard() {
  const seconds = secondsOf(chosen), minus = (value) => String(value).replace("-", "−");
  hint.hidden = true;
  filled.hidden = false;
  title.replaceChildren(swatch(look(chosen)), element("span", {text: labelOf(chosen)}));
  about.textContent = data.names[chosen] + data.colourings.slice(1).map((one) => ` · ${one.name} ${valueOf(one, chosen)}`).join("");
  text.textContent = facts.text[chosen];
  picture.src = pictureOf(chosen);
  picture.alt = `Log-mel spectrogram of ${words(chosen)}`;
  Object.assign(picture.style, {left: percent(facts.left[chosen]), width: percent(facts.width[chosen]),
    bottom: percent(facts.bottom[chosen]), height: percent(facts.height[chosen])});
  levels.replaceChildren(element("span", {text: minus(facts.high[chosen])}), element("span", {text: "dB"}),
    element("span", {text: minus(facts.low[chosen])}));
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10].find((one) => seconds / one <= 6) || 20;
  axisX.replaceChildren(element("span", {class: "unit", text: "Time (s)"}));
  for (let nth = 0; nth * step <= seconds + 1e-6; nth++)
    axisX.append(element("span", {class: "tick", text: String(+(nth * step).toFixed(1)), style: {left: percent(nth * step / seconds)}}));
  frameOf.setAttribute("aria-valuemax", seconds.toFixed(2));
  showPlaying();
  follow();
}
function showPlaying() {
  button.textContent = audio.paused ? "▶ Play" : "❚❚ Pause";
  button.setAttribute("aria-label", audio.paused ? "Play" : "Pause");
}
function follow() {
  if (chosen < 0) return;
  const now = place(), share = now / secondsOf(chosen);
  cursor.style.left = percent(share);
  played.style.width = percent(share);
  time.textContent = `${now.toFixed(2)} / ${secondsOf(chosen).toFixed(2)} s`;
  frameOf.setAttribute("aria-valuenow", now.toFixed(2));
  frameOf.setAttribute("aria-valuetext", `${now.toFixed(2)} seconds`);
  redrawOver();
}
function seek(seconds) {
  load(chosen);
  audio.currentTime = beginOf(chosen) + Math.min(Math.max(seconds, 0), secondsOf(chosen) - 0.01);
  follow();
}
frameOf.addEventListener("click", (event) => {
  const box = frameOf.getBoundingClientRect();
  seek((event.clientX - box.left) / box.width * secondsOf(chosen));
  if (audio.paused) start(place());
});
frameOf.addEventListener("keydown", (event) => {
  const moves = {ArrowLeft: -0.25, ArrowDown: -0.25, ArrowRight: 0.25, ArrowUp: 0.25};
  if (event.key in moves) seek(place() + moves[event.key]);
  else if (event.key === " " || event.key === "Enter") toggle();
  else return;
  event.preventDefault();
  event.stopPropagation();
});
