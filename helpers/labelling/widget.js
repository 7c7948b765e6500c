// One clip at a time. Nothing counts as saved before the kernel has said so.
// Every text is set as text, never as HTML: a label may hold anything.

function element(tag, settings = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name === "text") made.textContent = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
const key = (text) => element("kbd", {text});

function render({model, el}) {
  let waiting = null;       // {number, timer} of what was sent, until it is saved and the next clip is here
  let began = 0;            // when the current clip appeared
  let touched = false;      // browsers play a sound by itself only after a click or a key
  let spaceUsed = false;

  const position = element("strong"), skipped = element("small"), file = element("small");
  const progress = element("progress", {"aria-label": "Labelled so far"});
  const picture = element("img", {alt: "Log-mel spectrogram of the clip"});
  const audio = element("audio", {controls: "", preload: "auto", "aria-label": "The clip"});
  const problem = element("p"), said = element("p", {role: "status"});
  const choices = element("div", {class: "choices", role: "group", "aria-label": "Labels"});
  const hint = element("p", {class: "hint click", text: "Click here first, then answer with the keys."});
  const undo = element("button", {type: "button", onclick: () => send("undo")}, key("u"), "undo");
  const skip = element("button", {type: "button", onclick: () => send("skip")}, key("s"), "skip for now");
  const again = element("button", {type: "button", onclick: replay}, key("space"), "play again");
  const box = element("section", {class: "mh-labelling", tabindex: 0, "aria-label": "Labelling",
    "data-lm-suppress-shortcuts": "true"},  // JupyterLab's own keys: not in here
    element("header", {}, position, skipped), progress, picture, problem, audio, choices,
    element("div", {class: "others"}, again, skip, undo), said,
    hint, element("p", {class: "hint"}, file));
  el.append(box);

  function say(text, kind = "") { said.textContent = text; said.className = kind; }

  function show() {
    goOn();
    const shown = model.get("shown"), open = shown.clip !== null, heard = open && !shown.problem;
    position.textContent = open ? `${shown.position} of ${shown.total}` : `All ${shown.total} clips are labelled.`;
    skipped.textContent = shown.skipped ? `${shown.skipped} skipped for now` : "";
    progress.max = shown.total;
    progress.value = shown.answered;
    file.textContent = `Answers are saved in ${shown.path}` + (shown.broken.length
      ? `; line ${shown.broken.join(", ")} of it cannot be read and was left out` : "");
    problem.textContent = shown.problem;
    for (const part of [picture, audio, choices, again]) part.hidden = !heard;
    skip.hidden = hint.hidden = !open;
    if (box.dataset.clip !== String(shown.clip)) {  // not when only the numbers changed
      box.dataset.clip = String(shown.clip);
      audio.pause();
      if (heard) {
        picture.src = shown.picture;
        picture.alt = `Log-mel spectrogram of the clip: ${shown.text}`;
        audio.src = shown.sound;
        if (touched) replay();
      }
      began = performance.now();
    }
    choices.replaceChildren(...shown.choices.map(({label, name, keys}) => element("button",
      {type: "button", "data-label": label, onclick: () => send("answer", label)}, ...keys.map(key), name)));
  }

  function replay() {
    audio.currentTime = 0;
    audio.play().catch(() => {});  // not allowed yet: the player is there to be clicked
  }

  function send(what, label = null) {
    touched = true;
    box.focus({preventScroll: true});
    if (waiting) return;
    const number = `${Date.now()}-${Math.random()}`, seconds = (performance.now() - began) / 1000;
    waitFor(number, "Not saved: is the kernel still running? Answer again, or run the cell again.");
    say("Saving …");
    try {
      model.send({do: what, number, clip: model.get("shown").clip, label, seconds});
    } catch {  // the kernel is gone, and the page knows it: no need to wait
      waiting.late();
    }
  }
  function waitFor(number, otherwise) {
    goOn();
    const late = () => { goOn(); say(otherwise, "wrong"); };
    waiting = {number, late, timer: setTimeout(late, 1000 * model.get("shown").patience)};
    box.classList.add("waiting");
  }
  function goOn() {
    if (waiting) clearTimeout(waiting.timer);
    waiting = null;
    box.classList.remove("waiting");
  }
  function receive(message) {
    if (message.failed) {
      if (waiting && message.number === waiting.number) goOn();
      say(`Not saved: ${message.failed}`, "wrong");
    } else {  // also when it comes late. A key pressed now is meant for the next clip: wait until that is here
      waitFor("", `${message.done}. The next clip does not come: is the kernel still running?`);
      say(message.done, "saved");
    }
  }

  function press(event) {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = model.get("shown"), pressed = event.key.toLowerCase();
    const choice = shown.choices.find(({keys}) => keys.includes(pressed));
    spaceUsed = pressed === " ";
    touched = true;
    if (pressed === " ") { if (!audio.hidden) replay(); }
    else if (event.repeat) return;   // a key held down is one answer
    else if (pressed === "u") send("undo");
    else if (pressed === "s") { if (shown.clip !== null) send("skip"); }
    else if (choice) { if (!choices.hidden) send("answer", choice.label); }
    else return;
    event.preventDefault();
  }
  box.addEventListener("keydown", press, true);  // before the player, which would take space for itself
  // Firefox presses a button when space comes up again
  box.addEventListener("keyup", (event) => { if (event.key === " " && spaceUsed) event.preventDefault(); }, true);
  box.addEventListener("pointerdown", () => { touched = true; });
  model.on("change:shown", show);
  model.on("msg:custom", receive);
  show();
  return () => {
    goOn();
    audio.pause();
    model.off("change:shown", show);
    model.off("msg:custom", receive);
  };
}
export default {render};
