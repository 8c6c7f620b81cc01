#!/usr/bin/env bash
# What `make bench` runs: every bench_* program in the build folder $1, then the tracker on a clip, the server, and how many learners it carries.
set -euo pipefail
found=0
while IFS= read -r -d '' program; do
  found=1
  echo "== $(basename "$program")"
  "$program"
done < <(find "$1/bench" -maxdepth 1 -type f -name 'bench_*' -perm -u+x -print0 | sort -z)
echo "== tracker on a clip"
python3 bench/tracker.py --build "$1"
echo "== server"
python3 bench/serve.py --program "$1/storysign"
echo "== adaptive quality"
python3 bench/adaptive.py --program "$1/storysign"
echo "== cost of metrics"
python3 bench/metrics_cost.py --build "$1"
echo "== capacity, by trial and by simulation"
deps/python/bin/python3 bench/capacity.py --program "$1/storysign"
"$1/bench/sim/storysign_sim"
[ $found = 1 ] || { echo "bench: no bench program in $1/bench." >&2; exit 1; }
