// Figures in words: signs, units, groups of digits; and elements that change only when what they say does.

export const byId = (id) => document.getElementById(id);

// Writes a text only where it differs: screen readers and layout stay calm.
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

// With a true minus sign; a dash for what is no number.
export function number(value, decimals) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

export const grouped = (n) => Math.round(n).toLocaleString("en-US");

// A frequency in the unit that suits it: [number, unit].
export function hertz(value, decimals = 2) {
  const size = Math.abs(value);
  if (size >= 1e9) return [number(value / 1e9, 6).replace(/0+$/, "").replace(/\.$/, ""), "GHz"];
  if (size >= 1e6) return [number(value / 1e6, 4).replace(/0+$/, "").replace(/\.$/, ""), "MHz"];
  if (size >= 1e3) return [number(value / 1e3, decimals), "kHz"];
  return [number(value, 0), "Hz"];
}

export function duration(seconds) {
  const s = Math.floor(seconds);
  const two = (n) => String(n).padStart(2, "0");
  return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}`
    : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export function large(n) {
  if (n >= 1e9) return `${number(n / 1e9, 2)} G`;
  if (n >= 1e6) return `${number(n / 1e6, 1)} M`;
  return grouped(n);
}

// Names of the report's figures for people: label, decimals, unit.
const LABELS = {
  psnr_db: ["PSNR", 2, "dB"],
  ssim: ["SSIM", 3, ""],
  ms_ssim: ["MS-SSIM", 3, ""],
  lpips_alex: ["LPIPS", 3, ""],
  snr_db_estimated: ["SNR", 2, "dB"],
  snr_db_standard_error: ["standard error", 3, "dB"],
  evm_db: ["EVM", 1, "dB"],
  cfo_hz_estimated: ["carrier offset", 1, "Hz"],
  sfo_ppm_estimated: ["clock offset", 2, "ppm"],
  cbr_total: ["uses per value", 4, ""],
  perception: ["perception", 2, ""],
};

export function figure(name, value) {
  const [label, decimals, unit] = LABELS[name] ?? [name, 3, ""];
  return [label, `${number(value, decimals)}${unit ? ` ${unit}` : ""}`];
}

export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
