// Canvases that fit their place and the screen's pixels, in the colours of the page.

const HELD = new Map();

// Colours of the page now, read once until they change.
export function colour(name) {
  if (!HELD.has(name)) {
    HELD.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  }
  return HELD.get(name);
}

export function forgetColours() {
  HELD.clear();
}

// A cleared drawing place: { c, w, h } in CSS pixels; null while it has no size.
export function place(canvas) {
  const { clientWidth: w, clientHeight: h } = canvas;
  if (!w || !h) return null;
  const scale = Math.min(window.devicePixelRatio || 1, 2);
  const [width, height] = [Math.round(w * scale), Math.round(h * scale)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const c = canvas.getContext("2d");
  c.setTransform(scale, 0, 0, scale, 0, 0);
  c.clearRect(0, 0, w, h);
  c.font = "11px system-ui, sans-serif";
  c.lineJoin = "round";
  return { c, w, h };
}

// Even numbers between two ends.
export function ticks(low, high, about) {
  const rough = (high - low) / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough);
  const all = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-6; v += step) all.push(v);
  return { all, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

// Horizontal lines with their numbers; gives the height of a value.
export function ruled({ c, w }, box, low, high, about, name) {
  const y = (v) => box.bottom - ((v - low) / (high - low)) * (box.bottom - box.top);
  const { all, decimals } = ticks(low, high, about);
  c.strokeStyle = colour("grid");
  c.fillStyle = colour("muted");
  c.lineWidth = 1;
  c.textAlign = "right";
  c.textBaseline = "middle";
  for (const v of all) {
    const at = Math.round(y(v)) + 0.5;
    c.beginPath();
    c.moveTo(box.left, at);
    c.lineTo(w, at);
    c.stroke();
    c.fillText(v.toFixed(decimals).replace("-", "−"), box.left - 6, at);
  }
  if (name) {
    c.textAlign = "left";
    c.textBaseline = "top";
    c.fillText(name, box.left + 4, box.top + 1);
  }
  return y;
}

export function line(c, points, style, width = 1.5) {
  c.strokeStyle = style;
  c.lineWidth = width;
  c.beginPath();
  let pen = false;
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) pen = false;
    else if (pen) c.lineTo(x, y);
    else { c.moveTo(x, y); pen = true; }
  }
  c.stroke();
}

export function note({ c, w, h }, words) {
  c.fillStyle = colour("muted");
  c.textAlign = "center";
  c.textBaseline = "middle";
  c.fillText(words, w / 2, h / 2);
}

// Night, teal, amber, light: even steps to the eye. t from 0 to 1.
const STOPS = [[12, 14, 28], [22, 48, 84], [24, 104, 122], [92, 152, 104], [224, 164, 60], [255, 238, 190]];
export function heat(t) {
  const at = Math.max(0, Math.min(0.9999, t)) * (STOPS.length - 1);
  const [i, f] = [Math.floor(at), at % 1];
  return STOPS[i].map((v, k) => v + (STOPS[i + 1][k] - v) * f);
}
