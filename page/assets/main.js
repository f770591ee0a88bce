// The page: follows the state and hands it to its parts.

import { byId, say } from "./figures.js";
import { forgetColours } from "./canvas.js";
import * as controls from "./controls.js";
import * as link from "./link.js";
import * as pictures from "./pictures.js";
import * as plots from "./plots.js";

const THEME = "heliograph-theme";
let live = null;
let due = false;

// At most once a frame, and not at all while nobody looks.
function drawSoon() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    if (live) plots.drawAll(live);
  });
}

function connect() {
  const events = new EventSource("/api/events");
  events.addEventListener("live", (event) => {
    live = JSON.parse(event.data);
    status(live.run.phase === "ended" ? "lost" : "live", live.run.phase === "ended" ? "the run is over" : live.run.phase);
    link.show(live);
    controls.show(live);
    plots.waterfallRow(live);
    drawSoon();
  });
  events.addEventListener("pictures", (event) => pictures.show(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    const over = live?.run.phase === "ended";
    status("lost", over ? "the run is over" : "no connection: trying again");
    // A browser gives up after a refusal in words; the page does not.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  });
}

function status(state, words) {
  byId("connection").dataset.state = state;
  say(byId("connection"), words);
}

const THEMES = { auto: ["Auto", "as the system has them"], dark: ["Dark", "dark"], light: ["Light", "light"] };

function theme(name) {
  const [label, words] = THEMES[name] ?? THEMES.auto;
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  say(byId("theme"), label);
  byId("theme").ariaLabel = `Colours: ${words}`;
  localStorage.setItem(THEME, name);
  forgetColours();
  drawSoon();
}

byId("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  const now = names.indexOf(localStorage.getItem(THEME) ?? "auto");
  theme(names[(now + 1) % names.length]);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { forgetColours(); drawSoon(); });
addEventListener("resize", drawSoon);

theme(localStorage.getItem(THEME) ?? "auto");
pictures.setUp();
controls.setUp();
connect();
