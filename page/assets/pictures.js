// The picture as it comes, and those before it.

import { byId, element, figure, number, say, setHidden } from "./figures.js";

const OUTCOMES = { coming: "coming", received: "received", received_with_losses: "received with losses",
  painted_blind: "side information lost, grey", nothing_received: "nothing received", sent: "sent" };

const shown = { pictures: [], pinned: null, stage: null, url: "" };

export function setUp() {
  byId("newest").addEventListener("click", () => { shown.pinned = null; shown.stage = null; draw(); });
  for (const button of document.querySelectorAll(".stage")) {
    button.addEventListener("click", () => {
      const picture = current();
      // The last stage is what one follows; an earlier one stays chosen.
      const last = picture?.stages.at(-1)?.stage;
      shown.stage = button.dataset.stage === last ? null : button.dataset.stage;
      draw();
    });
  }
}

export function show(pictures) {
  shown.pictures = pictures;
  if (shown.pinned !== null && !pictures.some((p) => p.id === shown.pinned)) shown.pinned = null;
  draw();
}

const current = () => shown.pictures.find((p) => p.id === shown.pinned) ?? newest();
// A picture of which nothing can be seen yet does not take the place of the last.
const newest = () => shown.pictures.find((p) => p.stages.length) ?? shown.pictures[0];

function draw() {
  const picture = current();
  history(picture);
  setHidden(byId("newest"), shown.pinned === null);
  if (!picture) return;
  const stage = picture.stages.find((s) => s.stage === shown.stage) ?? picture.stages.at(-1);
  say(byId("picture-name"), picture.name || `picture ${picture.id}`);
  say(byId("picture-outcome"), [OUTCOMES[picture.outcome] ?? picture.outcome, `${picture.width}×${picture.height}`, bursts(picture), snr(picture)].filter(Boolean).join("  ·  "));
  caption(picture);
  stages(picture, stage);
  image(picture, stage);
  figures(stage);
  arriving(picture);
  downloads(picture, stage);
}

function downloads(picture, stage) {
  const all = [...picture.downloads];
  // Where no file is kept, what is seen can be.
  if (stage && !all.some((d) => d.kind === "picture")) {
    const name = `${picture.name.replace(/\.[^.]*$/, "")}-${picture.id}-${stage.stage}.png`;
    all.unshift({ kind: "picture", name, url: stage.url });
  }
  const links = JSON.stringify(all);
  const list = byId("downloads");
  if (list.dataset.links === links) return;
  list.dataset.links = links;
  list.replaceChildren(...all.map((d) => element("a", { href: d.url, download: d.name, textContent: `Download ${d.kind} ${d.name}` })));
}

const bursts = (p) => (p.bursts_expected ? `${p.bursts_received} of ${p.bursts_expected} bursts` : "");
const snr = (p) => (p.snr_db === null ? "" : `SNR ${number(p.snr_db, 1)} ± ${number(p.snr_standard_error_db, 2)} dB`);

function caption(picture) {
  const words = { lost: "caption lost", not_sent: "no caption", coming: "caption still comes" };
  const text = picture.caption ?? words[picture.caption_state] ?? "";
  say(byId("caption"), picture.caption ? `“${text}”` : text);
  byId("caption").className = picture.caption ? "" : "absent";
}

function stages(picture, stage) {
  setHidden(byId("stages"), picture.outcome === "sent");
  for (const button of document.querySelectorAll(".stage")) {
    const own = picture.stages.find((s) => s.stage === button.dataset.stage);
    button.disabled = !own;
    button.ariaPressed = String(own !== undefined && own === stage);
    const took = own ? `${number(own.seconds, 2)} s` : "not there";
    say(button.lastElementChild, own && own.revision > 1 ? `${took}, look ${own.revision}` : took);
  }
  say(byId("stage-words"), stage ? stage.words : "");
}

// The next picture takes the place of the last when it is there, so that nothing flickers.
function image(picture, stage) {
  const place = byId("image");
  const url = stage?.url ?? "";
  if (url === shown.url) return;
  shown.url = url;
  if (!url) return;
  const next = new Image();
  next.onload = () => {
    if (shown.url !== url) return;
    place.src = url;
    const kind = picture.outcome === "sent" ? "Sent photo" : "Received picture";
    place.alt = picture.caption ? `${kind}: ${picture.caption}` : `${kind} ${picture.name}`;
    place.dataset.stage = stage.stage;
    place.dataset.picture = picture.id;
    place.dataset.revision = stage.revision;
    setHidden(place, false);
    setHidden(byId("placeholder"), true);
  };
  next.src = url;
}

function figures(stage) {
  const list = byId("figures");
  const all = stage?.figures ?? [];
  const key = JSON.stringify(all);
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...all.map(({ name, value }) => {
    const [label, words] = figure(name, value);
    const said = element("dd", { textContent: words });
    Object.assign(said.dataset, { name, value: String(value) });
    return element("div", {}, element("dt", { textContent: label }), said);
  }));
}

function arriving(picture) {
  const comes = picture.outcome === "coming";
  setHidden(byId("arriving"), !comes);
  if (comes) byId("arriving-bar").style.width = `${(100 * picture.bursts_received) / Math.max(1, picture.bursts_expected)}%`;
}

function history(picture) {
  const list = byId("history");
  setHidden(byId("history-empty"), shown.pictures.length > 0);
  const known = new Map([...list.children].map((item) => [Number(item.dataset.id), item]));
  const items = shown.pictures.filter((p) => p.thumbnail).map((p) => {
    const item = known.get(p.id) ?? thumbnail(p.id);
    const [small, [words, detail]] = [item.querySelector("img"), item.querySelectorAll("span")];
    if (small.getAttribute("src") !== p.thumbnail) small.src = p.thumbnail;
    const figures = p.stages.at(-1)?.figures ?? [];
    const psnr = figures.find((f) => f.name === "psnr_db")?.value;
    say(words, p.name);
    say(detail, psnr ? `PSNR ${number(psnr, 1)} dB` : p.snr_db === null ? "" : `SNR ${number(p.snr_db, 1)} dB`);
    const button = item.firstElementChild;
    button.ariaLabel = `Show number ${p.id}, ${p.name}, ${OUTCOMES[p.outcome] ?? p.outcome}${p.caption ? `: ${p.caption}` : ""}`;
    button.ariaPressed = String(p.id === picture?.id);
    return item;
  });
  const same = items.length === list.children.length && items.every((item, i) => item === list.children[i]);
  // Only what changed is moved: the focus stays where it is.
  if (!same) {
    for (const item of [...list.children]) if (!items.includes(item)) item.remove();
    items.forEach((item, i) => { if (list.children[i] !== item) list.insertBefore(item, list.children[i] ?? null); });
  }
}

function thumbnail(id) {
  const button = element("button", { type: "button" }, element("img", { alt: "", loading: "lazy" }), element("span"), element("span"));
  button.addEventListener("click", () => {
    const isNewest = newest()?.id === id;
    shown.pinned = isNewest ? null : id;
    shown.stage = null;
    draw();
  });
  const item = element("li", {}, button);
  item.dataset.id = id;
  return item;
}
