#!/usr/bin/env bash
# What `make bench` runs: every bench_* program in the build folder $1, then the tracker on a clip, then the server.
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
[ $found = 1 ] || { echo "bench: no bench program in $1/bench." >&2; exit 1; }
