#!/usr/bin/env bash
# Receiver speed beside liquid-dsp's ofdmflexframesync: both in turn on this machine, processor time, as a ratio.
# Needs Debian's libliquid-dev and a C compiler. Usage: benches/beside_liquid.sh [ROUNDS] > speed.json
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O3 -march=native benches/liquid/ofdmflexframesync.c -o "$work/liquid" -lliquid -lm
cargo build --release --quiet -p heliograph --example receive_speed
target=$(cargo metadata --format-version 1 --no-deps | python3 -c 'import json,sys; print(json.load(sys.stdin)["target_directory"])')
for _ in $(seq "$rounds"); do
  "$work/liquid" 2
  "$target/release/examples/receive_speed" 2
done > "$work/lines"
python3 - "$work/lines" <<'PY'
import json, statistics, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rates = {}
for row in rows:
    rates.setdefault(row["program"], []).append(row)
def figures(rows, key):
    values = [r[key] for r in rows if key in r]
    return {"min": min(values), "median": statistics.median(values), "max": max(values)} if values else None
liquid = [r["ms_per_second_of_cpu"] for r in rates["liquid-dsp ofdmflexframesync"]]
ours = [r["ms_per_second_of_cpu"] for r in rates["heliograph receive"]]
print(json.dumps({
    "schema_version": 1,
    "unit": "million samples a second",
    "per_second_of_cpu": {name: figures(r, "ms_per_second_of_cpu") for name, r in rates.items()},
    "per_second": {name: figures(r, "ms_per_second") for name, r in rates.items()},
    "receive_over_liquid": {"pairs": [round(a / b, 3) for a, b in zip(ours, liquid)],
                            "median": round(statistics.median(a / b for a, b in zip(ours, liquid)), 3)},
}, indent=1))
PY
