// The link in figures: tiles, level, advice, counts, ledger, recording.

import { byId, duration, element, grouped, hertz, large, number, say, setHidden } from "./figures.js";

const LEVEL_LOW = -80;

export function show(live) {
  tiles(live);
  level(live.level);
  advice(live);
  counts(live);
  ledger(live.ledger);
  recording(live.recording);
  radio(live);
}

function tiles({ link }) {
  say(byId("snr"), link ? number(link.snr_db, 1) : "–");
  say(byId("snr-error"), link ? (link.snr_db === null ? "beyond measure" : `± ${number(link.snr_standard_error_db, 2)} dB`) : "no burst yet");
  say(byId("evm"), link ? number(link.evm_db, 1) : "–");
  say(byId("clock"), link ? number(link.clock_offset_ppm, 1) : "–");
  const [value, unit] = link ? hertz(link.cfo_hz) : ["–", "Hz"];
  say(byId("cfo"), value);
  say(byId("cfo-unit"), unit);
  say(byId("cfo-note"), "of the oscillators");
}

function level(level) {
  const meter = byId("meter");
  if (!level) return;
  const share = (db) => `${Math.max(0, Math.min(100, (100 * (db - LEVEL_LOW)) / -LEVEL_LOW))}%`;
  say(byId("level"), number(level.mean_dbfs, 0));
  say(byId("peak"), `${number(level.held_peak_dbfs, 0)} dBFS`);
  byId("level-fill").style.inlineSize = share(level.mean_dbfs);
  byId("peak-tick").style.insetInlineStart = share(level.held_peak_dbfs);
  setHidden(byId("clip"), !level.clips);
  meter.dataset.clips = level.clips;
  meter.ariaValueNow = Math.round(level.mean_dbfs);
  meter.ariaValueText = `${number(level.mean_dbfs, 0)} dBFS, peak ${number(level.held_peak_dbfs, 0)}${level.clips ? ", clips" : ""}`;
}

let advised = "";
function advice(live) {
  const key = JSON.stringify([live.advice, live.bursts.received > 0, live.run.phase]);
  if (key === advised) return;
  advised = key;
  const cards = live.advice.map((a) => element("div", { className: "card" },
    element("p", { textContent: sentence(a.words) }),
    element("p", { textContent: `Why: ${plain(a.cause)}.` }),
    element("p", { textContent: `Then: ${plain(a.remedy)}.` })));
  const heard = live.bursts.received > 0;
  const fine = live.run.phase === "paused" ? "Paused: nothing is heard or sent until it goes on." : live.sent ? "The radio takes what is sent: nothing to turn."
    : heard ? "Bursts arrive and nothing clips: nothing to turn." : "Listening.";
  byId("advice").replaceChildren(...(cards.length ? cards
    : [element("p", { className: heard || live.sent ? "fine good" : "fine", textContent: fine })]));
}

const plain = (text) => text.replaceAll("`", "");
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function counts({ bursts, samples, sent }) {
  const rows = sent
    ? [["pictures sent", sent.pictures], ["bursts sent", sent.bursts], ["samples", sent.samples, large],
       ["clipped samples", sent.samples_clipped, grouped, true], ["underflows", sent.underflows, grouped, true], ["late", sent.late, grouped, true]]
    : [["bursts found", bursts.detected], ["received", bursts.received], ["lost", bursts.lost, grouped, true],
       ["repaired", bursts.repaired], ["clipped", bursts.clipped, grouped, true], ["not readable", bursts.headers_lost, grouped, true],
       ["samples heard", samples.received, large], ["samples lost", samples.lost, grouped, true], ["gaps", samples.gaps, grouped, true]];
  const list = byId("counts");
  if (list.children.length !== rows.length) {
    list.replaceChildren(...rows.map(([name]) => element("div", {}, element("dt", { textContent: name }), element("dd"))));
  }
  rows.forEach(([, value, words = grouped, isLoss], i) => {
    const row = list.children[i];
    say(row.lastElementChild, words(value));
    row.className = isLoss && value > 0 ? "bad" : "";
  });
}

const SWATCHES = { analog: "var(--latents)", digital: "var(--qpsk)", header: "color-mix(in srgb, var(--qpsk) 60%, var(--line))", pilots: "var(--pilots)",
  training: "color-mix(in srgb, var(--pilots) 65%, var(--line))", preamble: "color-mix(in srgb, var(--pilots) 40%, var(--line))",
  prefix: "color-mix(in srgb, var(--muted) 75%, var(--line))", padding: "color-mix(in srgb, var(--muted) 45%, var(--line))",
  ramp: "color-mix(in srgb, var(--muted) 25%, var(--line))", empty_centre: "var(--line)" };

let charged = "";
function ledger(now) {
  const key = JSON.stringify(now);
  if (key === charged || !now) return;
  charged = key;
  say(byId("ledger-note"), `${grouped(now.total)} uses, ${number(now.cbr_total, 4)} a value`);
  const entries = [...now.entries].filter((e) => e.uses > 0).sort((a, b) => b.uses - a.uses);
  byId("ledger-bar").replaceChildren(...entries.map((e) => {
    const part = element("span");
    part.style.width = `${(100 * e.uses) / now.total}%`;
    part.style.background = SWATCHES[e.kind] ?? "var(--line)";
    return part;
  }));
  byId("ledger-bar").ariaLabel = `Shares of the channel uses: ${entries.map((e) => `${e.kind} ${number((100 * e.uses) / now.total, 0)} percent`).join(", ")}`;
  byId("ledger").tBodies[0].replaceChildren(...entries.map((e) => {
    const row = element("tr", {}, element("td", { textContent: e.kind.replace("_", " ") }),
      element("td", { textContent: grouped(e.uses) }), element("td", { textContent: `${number((100 * e.uses) / now.total, 1)} %` }));
    row.firstElementChild.style.setProperty("--swatch", SWATCHES[e.kind] ?? "var(--line)");
    return row;
  }));
}

function recording(now) {
  setHidden(byId("recording-panel"), !now);
  if (!now) return;
  say(byId("recording-words"), `${now.name}: ${large(now.samples)} samples${now.running ? ", goes on" : ""}${now.words ? `; ${now.words}` : ""}`);
  const files = byId("recording-files");
  if (files.children.length !== now.files.length) {
    files.replaceChildren(...now.files.map((f) => element("a", { href: f.url, textContent: f.name, download: f.name })));
  }
}

function radio({ radio, run, viewers, program }) {
  say(byId("command"), program.command);
  say(byId("run-words"), `${run.words}${run.phase === "paused" ? ", paused" : ""}`);
  const trouble = byId("trouble");
  setHidden(trouble, !run.trouble);
  say(trouble, run.trouble ?? "");
  const parts = radio ? [radio.name, radio.frequency_hz ? hertz(radio.frequency_hz).join(" ") : "",
    `${hertz(radio.sample_rate_hz).join(" ").replace("Hz", "S/s")}`, radio.gain_db === null ? "" : `${number(radio.gain_db, 1)} dB gain`, radio.numerology] : [];
  say(byId("radio-words"), [...parts.filter(Boolean), `${program.name} ${program.version}`, duration(run.seconds)].join("  ·  "));
  say(byId("viewers"), viewers === 1 ? "1 viewer" : `${viewers} viewers`);
}
