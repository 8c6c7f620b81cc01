#!/usr/bin/env bash
# What `make serve` runs after the build: PROGRAM annotates the clip in $CLIP, or a pattern made here if none is named.
set -euo pipefail
program=$1
out=build/annotated
mkdir -p "$out"
clip=${CLIP:-}
if [ -z "$clip" ]; then
  clip=build/pattern.mp4
  echo "serve: no CLIP was named, so a moving test pattern of 3 s is made: $clip."
  echo "serve: there is no person in it and nothing will be found; try: make serve CLIP=path/to/a/clip/of/a/signer"
  ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=640x480:rate=30:duration=3 -pix_fmt yuv420p \
    -f mp4 "$clip.part" || { echo "serve: ffmpeg could not make the pattern (its message is above)." >&2; exit 1; }
  mv "$clip.part" "$clip"
elif [ ! -e "$clip" ]; then
  echo "serve: there is no file $clip; name an existing video: make serve CLIP=path/to/clip" >&2
  exit 2
fi
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
echo "serve: the live server does not exist yet; the same pipeline annotates $clip."
"$program" annotate "$clip" "$result" --landmarks "$landmarks"
echo "serve: the annotated copy is $PWD/$result"
echo "serve: its landmarks are    $PWD/$landmarks"
