// The drawings: spectrum, waterfall, constellation, channel, trend.

import { byId, say, hertz, number } from "./figures.js";
import { colour, heat, line, note, place, ruled, ticks } from "./canvas.js";

const LEFT = 38;

// Rows of the waterfall, newest first, beside the screen.
const ROWS = 96;
const fall = { sheet: null, row: -1, low: -90, high: -20 };

export function spectrum(live) {
  const at = place(byId("spectrum"));
  if (!at) return;
  if (!live.spectrum) return note(at, "no samples yet");
  const { power_dbfs: power, span_hz: span } = live.spectrum;
  const box = { left: LEFT, top: 4, bottom: at.h - 18 };
  const y = ruled(at, box, fall.low, fall.high, 5, "dBFS a bin");
  const x = (i) => LEFT + (i / (power.length - 1)) * (at.w - LEFT);
  frequencies(at, box, span);
  const points = power.map((p, i) => [x(i), y(Math.max(fall.low, p))]);
  at.c.beginPath();
  at.c.moveTo(LEFT, box.bottom);
  for (const p of points) at.c.lineTo(...p);
  at.c.lineTo(at.w, box.bottom);
  at.c.globalAlpha = 0.14;
  at.c.fillStyle = colour("qpsk");
  at.c.fill();
  at.c.globalAlpha = 1;
  line(at.c, points, colour("qpsk"));
  const peak = power.indexOf(Math.max(...power));
  const [where, unit] = hertz((peak / power.length - 0.5) * span, 0);
  byId("spectrum").ariaLabel = `Power over frequency; strongest ${number(power[peak], 0)} dBFS at ${where} ${unit} from the centre`;
}

function frequencies({ c, w }, box, span) {
  const { all, decimals } = ticks(-span / 2e3, span / 2e3, w < 360 ? 4 : 7);
  c.fillStyle = colour("muted");
  c.textBaseline = "top";
  for (const f of all) {
    const x = LEFT + ((f * 1e3) / span + 0.5) * (w - LEFT);
    const edge = x > w - 14 ? "right" : x < LEFT + 14 ? "left" : "center";
    c.textAlign = edge;
    const text = f.toFixed(decimals).replace("-", "−");
    c.fillText(f === 0 ? "0 kHz" : text, x, box.bottom + 4);
  }
}

// A new row of samples; an old one is not drawn twice.
export function waterfallRow(live) {
  if (!live.spectrum || live.spectrum.row === fall.row) return;
  const power = live.spectrum.power_dbfs;
  fall.row = live.spectrum.row;
  const sorted = [...power].sort((a, b) => a - b);
  const [low, high] = [sorted[sorted.length >> 3] - 8, sorted[sorted.length - 1] + 6];
  const first = !fall.sheet || fall.sheet.width !== power.length;
  if (first) {
    fall.sheet = new OffscreenCanvas(power.length, ROWS);
    [fall.low, fall.high] = [low, Math.max(high, low + 30)];
  }
  fall.low += (low - fall.low) * (low < fall.low ? 0.3 : 0.03);
  fall.high += (Math.max(high, fall.low + 30) - fall.high) * (high > fall.high ? 0.3 : 0.03);
  const c = fall.sheet.getContext("2d", { willReadFrequently: false });
  c.drawImage(fall.sheet, 0, 1);
  const pixels = c.createImageData(power.length, 1);
  power.forEach((p, i) => {
    const rgb = heat((p - fall.low) / (fall.high - fall.low));
    pixels.data.set([...rgb, 255], 4 * i);
  });
  c.putImageData(pixels, 0, 0);
}

export function waterfall() {
  const at = place(byId("waterfall"));
  if (!at || !fall.sheet) return;
  // What is not filled yet is empty, not quiet.
  at.c.fillStyle = colour("ground");
  at.c.fillRect(LEFT, 0, at.w - LEFT, at.h);
  at.c.imageSmoothingEnabled = false;
  at.c.drawImage(fall.sheet, LEFT, 0, at.w - LEFT, at.h);
  at.c.fillStyle = colour("muted");
  at.c.textAlign = "right";
  at.c.textBaseline = "top";
  at.c.fillText("now", LEFT - 6, 2);
}

export function constellation(live) {
  const at = place(byId("constellation"));
  if (!at) return;
  const { pilots, qpsk, latents } = live.constellation;
  const reach = 2.2;
  const scale = Math.min(at.w, at.h) / (2 * reach);
  const x = (v) => at.w / 2 + v * scale;
  const y = (v) => at.h / 2 - v * scale;
  at.c.strokeStyle = colour("grid");
  at.c.lineWidth = 1;
  for (const r of [1, 2]) {
    at.c.beginPath();
    at.c.arc(x(0), y(0), r * scale, 0, 7);
    at.c.stroke();
  }
  at.c.beginPath();
  at.c.moveTo(x(-reach), y(0)); at.c.lineTo(x(reach), y(0));
  at.c.moveTo(x(0), y(-reach)); at.c.lineTo(x(0), y(reach));
  at.c.stroke();
  if (!pilots.length && !latents.length) return note(at, "no burst yet");
  for (const [points, name, size] of [[latents, "latents", 1.6], [qpsk, "qpsk", 1.9], [pilots, "pilots", 1.9]]) {
    at.c.fillStyle = colour(name);
    at.c.globalAlpha = name === "latents" ? 0.5 : 0.75;
    for (let i = 0; i + 1 < points.length; i += 2) {
      if (Math.abs(points[i]) > reach || Math.abs(points[i + 1]) > reach) continue;
      at.c.beginPath();
      at.c.arc(x(points[i]), y(points[i + 1]), size, 0, 7);
      at.c.fill();
    }
  }
  at.c.globalAlpha = 1;
}

export function channel(live) {
  const at = place(byId("channel"));
  if (!at) return;
  if (!live.channel) return note(at, "no burst yet");
  const { carriers, gain_db: gain, phase_rad: phase } = live.channel;
  const top = Math.ceil((Math.max(...gain) + 2) / 5) * 5;
  const bottom = Math.min(top - 20, Math.floor((Math.min(...gain) - 2) / 5) * 5);
  const box = { left: LEFT, top: 8, bottom: at.h - 20 };
  const y = ruled(at, box, bottom, top, 4, "");
  const [first, last] = [carriers[0], carriers[carriers.length - 1]];
  const x = (k) => LEFT + ((k - first) / (last - first)) * (at.w - LEFT);
  const turn = (v) => box.top + (0.5 - v / (2 * Math.PI)) * (box.bottom - box.top);
  // The empty carriers at the centre are a gap, not a line.
  const pen = (values, to) => values.flatMap((v, i) =>
    i > 0 && carriers[i] - carriers[i - 1] > 1 ? [[x(carriers[i]), NaN], [x(carriers[i]), to(v)]] : [[x(carriers[i]), to(v)]]);
  line(at.c, pen(phase, turn), colour("latents"), 1);
  line(at.c, pen(gain, y), colour("qpsk"), 2);
  at.c.fillStyle = colour("latents");
  at.c.textAlign = "right";
  for (const [v, words, baseline] of [[Math.PI, "π", "top"], [-Math.PI, "−π", "bottom"]]) {
    at.c.textBaseline = baseline;
    at.c.fillText(words, at.w - 2, turn(v));
  }
  at.c.fillStyle = colour("muted");
  at.c.textBaseline = "top";
  for (const [k, align] of [[first, "left"], [0, "center"], [last, "right"]]) {
    at.c.textAlign = align;
    at.c.fillText(k === 0 ? "carrier 0" : String(k).replace("-", "−"), x(k), box.bottom + 4);
  }
}

export function trend(live) {
  const at = place(byId("trend"));
  if (!at) return;
  const all = live.trend;
  const points = all.seconds.map((_, i) => Object.fromEntries(Object.keys(all).map((name) => [name, all[name][i]])));
  if (!points.length) return note(at, "no burst yet");
  const rows = [
    ["SNR, dB", (p) => p.snr_db, (p) => p.snr_standard_error_db, "qpsk", 1],
    ["carrier offset, Hz", (p) => p.cfo_hz, null, "pilots", 10],
    ["clock offset, ppm", (p) => p.clock_offset_ppm, null, "latents", 1],
  ];
  const height = (at.h - 16) / rows.length;
  const now = live.run.seconds;
  const past = Math.max(20, now - points[0].seconds);
  const left = LEFT + 14;
  const x = (p) => at.w - 4 - ((now - p.seconds) / past) * (at.w - 4 - left);
  rows.forEach(([name, value, error, tint, least], i) => {
    const known = points.filter((p) => Number.isFinite(value(p)));
    const values = known.map(value);
    const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 0];
    const spare = Math.max(least, (high - low) * 0.25);
    const box = { left, top: i * height + 4, bottom: (i + 1) * height - 4 };
    const y = ruled(at, box, low - spare, high + spare, 2, name);
    at.c.fillStyle = at.c.strokeStyle = colour(tint);
    for (const p of known) {
      if (error && Number.isFinite(error(p))) at.c.fillRect(x(p) - 0.5, y(value(p) + error(p)), 1, Math.max(1, y(value(p) - error(p)) - y(value(p) + error(p))));
      at.c.beginPath();
      at.c.arc(x(p), y(value(p)), 2, 0, 7);
      at.c.fill();
    }
  });
  at.c.fillStyle = colour("muted");
  at.c.textBaseline = "bottom";
  at.c.textAlign = "left";
  at.c.fillText(`${Math.round(past)} s ago`, left, at.h);
  at.c.textAlign = "right";
  at.c.fillText("now", at.w - 2, at.h);
}

export function drawAll(live) {
  spectrum(live);
  waterfall();
  constellation(live);
  channel(live);
  trend(live);
  const radio = live.radio;
  if (radio?.frequency_hz) say(byId("spectrum-note"), `around ${hertz(radio.frequency_hz).join(" ")}, the strongest moment`);
  else say(byId("spectrum-note"), live.spectrum ? "the strongest moment" : "");
}
