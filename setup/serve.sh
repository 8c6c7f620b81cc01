#!/usr/bin/env bash
# What `make serve` runs after the build: the server; or, with a clip in $CLIP, PROGRAM draws on that clip instead.
set -euo pipefail
program=$1
clip=${CLIP:-}
if [ -z "$clip" ]; then
  # Settings come from config.yaml, STORYSIGN_... variables, or here: make serve ARGS="--server.port=9000"
  # shellcheck disable=SC2086 # ARGS is a list of words.
  exec "$program" serve ${ARGS:-}
fi
if [ ! -e "$clip" ]; then
  echo "serve: there is no file $clip; name an existing video: make serve CLIP=path/to/clip" >&2
  exit 2
fi
out=build/annotated
mkdir -p "$out"
name=$(basename "$clip")
# A folder of pictures becomes a folder, a picture a picture, a video an .mp4.
if [ -d "$clip" ]; then
  result="$out/$name"
else
  case "${name##*.}" in
    jpg | JPG | jpeg | JPEG | png | PNG) result="$out/${name%.*}.${name##*.}" ;;
    *) result="$out/${name%.*}.mp4" ;;
  esac
fi
landmarks="$out/${name%.*}.jsonl"
"$program" annotate "$clip" "$result" --landmarks "$landmarks"
echo "serve: the annotated copy is $PWD/$result"
echo "serve: its landmarks are    $PWD/$landmarks"
