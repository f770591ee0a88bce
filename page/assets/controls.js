// What can be turned: orders to the program, and its answers in words.

import { byId, element, number, say, setHidden } from "./figures.js";

const KEY = "heliograph-token";
// Asked for, never in the address: browsers keep those.
let token = sessionStorage.getItem(KEY) ?? "";

async function order(command) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  let words;
  let refused = true;
  try {
    const answer = await fetch("/api/control", { method: "POST", headers, body: JSON.stringify(command) });
    words = (await answer.text()).trim();
    refused = !answer.ok;
    if (answer.status === 401) setHidden(byId("token-form"), false);
  } catch {
    words = "the program does not answer";
  }
  say(byId("answer"), words);
  byId("answer").dataset.refused = refused;
}

export function setUp() {
  const on = (id, event, act) => byId(id).addEventListener(event, act);
  for (const id of ["painter-controls", "radio-controls"]) on(id, "submit", (e) => e.preventDefault());
  on("perception", "input", () => say(byId("perception-value"), number(Number(byId("perception").value), 2)));
  on("perception", "change", () => order({ control: "perception", value: Number(byId("perception").value) }));
  on("painter", "change", () => order({ control: "painter", name: byId("painter").value }));
  on("steps", "change", () => order({ control: "steps", value: Number(byId("steps").value) }));
  on("gain", "change", () => order({ control: "gain_db", value: Number(byId("gain").value) }));
  on("frequency", "change", () => order({ control: "frequency_hz", value: Number(byId("frequency").value) * 1e6 }));
  for (const name of ["pause", "record"]) {
    on(name, "click", () => order({ control: name, on: byId(name).ariaPressed !== "true" }));
  }
  on("token-form", "submit", (event) => {
    event.preventDefault();
    token = byId("token").value.trim();
    byId("token").value = "";
    sessionStorage.setItem(KEY, token);
    setHidden(byId("token-form"), true);
    say(byId("answer"), "token kept until this tab is closed");
  });
}

export function show({ controls, run }) {
  const is = controls.enabled && run.phase !== "ended";
  const radio = controls.gain_db || controls.frequency_hz || controls.gain_elements_db.length || controls.paused !== null || controls.recording !== null;
  setHidden(byId("painter-controls"), !is || !controls.perception);
  setHidden(byId("controls-panel"), !is);
  if (!is) return;
  if (controls.needs_token && !token) setHidden(byId("token-form"), false);
  setHidden(byId("radio-controls"), !radio);
  dial("perception", controls.perception);
  if (controls.perception && document.activeElement !== byId("perception")) say(byId("perception-value"), number(controls.perception.value, 2));
  painters(controls);
  setHidden(byId("steps-field"), !controls.steps);
  dial("steps", controls.steps);
  field("gain", controls.gain_db, 1, "dB");
  field("frequency", controls.frequency_hz, 1e6, "MHz");
  elements(controls.gain_elements_db);
  toggle("pause", controls.paused, "Pause", "Go on");
  toggle("record", controls.recording, "Record", "Stop recording");
}

// Where someone types, nothing is changed under the fingers.
function dial(id, dial, scale = 1) {
  const input = byId(id);
  if (!dial || document.activeElement === input) return;
  for (const name of ["min", "max"]) {
    const text = String(dial[name] / scale);
    if (input[name] !== text) input[name] = text;
  }
  if (dial.step && scale === 1 && input.step !== String(dial.step)) input.step = String(dial.step);
  const value = String(Number((dial.value / scale).toFixed(6)));
  if (input.value !== value) input.value = value;
}

function field(id, found, scale, unit) {
  setHidden(byId(`${id}-field`), !found);
  if (!found) return;
  dial(id, found, scale);
  say(byId(`${id}-range`), `${number(found.min / scale, scale === 1 ? 0 : 1)} to ${number(found.max / scale, scale === 1 ? 0 : 1)} ${unit}`);
}

function painters({ painter, painters: all }) {
  const list = byId("painter");
  setHidden(byId("painter-field"), !painter);
  if (list.options.length !== all.length) list.replaceChildren(...all.map((name) => element("option", { value: name, textContent: name })));
  if (painter && document.activeElement !== list && list.value !== painter) list.value = painter;
}

function elements(all) {
  const place = byId("elements");
  if (place.children.length !== all.length) {
    place.replaceChildren(...all.map(({ name }) => {
      const id = `element-${name}`;
      const input = element("input", { type: "number", id });
      input.addEventListener("change", () => order({ control: "gain_element_db", name, value: Number(input.value) }));
      return element("div", { className: "dial" }, element("label", { htmlFor: id, textContent: `Gain of stage ${name}, dB` }), input);
    }));
  }
  for (const one of all) dial(`element-${one.name}`, one);
}

function toggle(id, state, off, on) {
  const button = byId(id);
  setHidden(button, state === null || state === undefined);
  button.ariaPressed = String(state === true);
  say(button, state ? on : off);
}
