#!/usr/bin/env bash
# The kernel settings that a StorySign server wants: looks at them, sets them, and takes that back.
#
#   deploy/tune.sh check    each setting: what it is, what it should be, whether that will do; 1 if one will not
#   deploy/tune.sh apply    sets those that will not do, now and at every start (root); a second time changes nothing
#   deploy/tune.sh undo     puts back what apply found, and removes its files (root)
#
# `--root DIR` before the word works on the files of DIR (DIR/proc/sys, DIR/etc) instead of those of this machine.
# What apply found is kept in the file that it writes, as comments.
set -euo pipefail

root=""
if [ "${1:-}" = --root ]; then
  [ -d "${2:-}" ] || { echo "tune: there is no folder ${2:-}; --root names one with proc/sys in it." >&2; exit 2; }
  root=${2%/}
  shift 2
fi
conf="$root/etc/sysctl.d/60-storysign.conf"
modules="$root/etc/modules-load.d/storysign.conf"

# Key, how the value is judged, and what it should be:
#   least N, most N   a number; third N: the last of three (least, usual and most bytes); is WORD
settings() {
  cat <<'END'
kernel.shmmax                     least  268435456
net.core.rmem_max                 least  16777216
net.core.wmem_max                 least  16777216
net.ipv4.tcp_rmem                 third  16777216
net.ipv4.tcp_wmem                 third  16777216
net.core.default_qdisc            is     fq
net.ipv4.tcp_congestion_control   is     bbr
vm.swappiness                     most   10
END
}

path_of() { echo "$root/proc/sys/${1//.//}"; }

value_of() {
  local file
  file=$(path_of "$1")
  [ -r "$file" ] || return 1
  # Kernels separate with tabs.
  tr -s '\t ' '  ' <"$file" | sed 's/^ //; s/ $//'
}

# Numbers here reach 2^64 - 1 (kernel.shmmax), more than the shell counts to: the longer one is the larger one.
at_least() {
  local a=$1 b=$2
  if [ "${#a}" -ne "${#b}" ]; then [ "${#a}" -gt "${#b}" ]; else [[ "$a" > "$b" || "$a" = "$b" ]]; fi
}

will_do() {
  local how=$1 should=$2 is=$3
  case "$how" in
    least) at_least "$is" "$should" ;;
    most) at_least "$should" "$is" ;;
    third) at_least "${is##* }" "$should" ;;
    is) [ "$is" = "$should" ] ;;
  esac
}

# What to write, so that it will do: the first two of three stay.
wanted() {
  local how=$1 should=$2 is=$3
  if [ "$how" = third ]; then echo "${is% *} $should"; else echo "$should"; fi
}

words_for() {
  case "$1" in
    least) echo "at least $2" ;;
    most) echo "at most $2" ;;
    third) echo "... at least $2" ;;
    is) echo "$2" ;;
  esac
}

check() {
  local status=0 key how should is verdict
  printf '%-33s %-28s %-24s %s\n' setting is should ok
  while read -r key how should; do
    if ! is=$(value_of "$key"); then
      printf '%-33s %-28s %-24s %s\n' "$key" "-" "$(words_for "$how" "$should")" "not in this kernel, or hidden from this container"
      continue
    fi
    verdict=ok
    will_do "$how" "$should" "$is" || { verdict=no; status=1; }
    printf '%-33s %-28s %-24s %s\n' "$key" "$is" "$(words_for "$how" "$should")" "$verdict"
  done < <(settings)
  [ "$status" -eq 0 ] || echo "tune: those with \"no\" are set by \`tune.sh apply\` (as root)."
  return "$status"
}

need_root() {
  if [ -z "$root" ] && [ "$(id -u)" -ne 0 ]; then
    echo "tune: only root may change kernel settings; run \`sudo $0 $1\`. Nothing was changed." >&2
    exit 2
  fi
}

# bbr is a module that is loaded when asked for.
load_bbr() {
  local available="$root/proc/sys/net/ipv4/tcp_available_congestion_control"
  if [ -z "$root" ] && ! grep -qw bbr "$available" 2>/dev/null; then
    modprobe tcp_bbr 2>/dev/null || true
  fi
  grep -qw bbr "$available" 2>/dev/null
}

# Into a file that is renamed when whole.
replace_file() {
  mkdir -p "$(dirname "$1")"
  cat >"$1.new"
  chmod 0644 "$1.new"
  mv "$1.new" "$1"
}

former_of() { [ ! -f "$conf" ] || sed -n "s/^# former: $1 = //p" "$conf"; }

write_conf() {
  if [ -z "$1" ]; then
    rm -f "$conf"
    return
  fi
  {
    echo "# Written by StorySign's tune.sh; \`tune.sh undo\` puts the former values back and removes this file."
    printf '%s' "$1"
  } | replace_file "$conf"
}

# The two lines of a setting: what it was before the first apply, and what it is at every start.
lines_of() { printf '# former: %s = %s\n%s = %s\n.' "$1" "$2" "$1" "$3"; }

apply() {
  local status=0 plan="" before="" after="" key how should is want former lines
  # What is to be set is written down, with what it was, before anything is: an end in between loses nothing.
  while read -r key how should; do
    former=$(former_of "$key")
    if ! is=$(value_of "$key"); then
      echo "tune: $key is not in this kernel, or hidden from this container; it is left out."
      continue
    fi
    if will_do "$how" "$should" "$is"; then
      echo "tune: $key is $is, that will do."
      [ -n "$former" ] || continue
      want=$is
    elif [ "$key" = net.ipv4.tcp_congestion_control ] && ! load_bbr; then
      echo "tune: this kernel has no bbr (module tcp_bbr); $key stays $is." >&2
      status=1
      continue
    else
      want=$(wanted "$how" "$should" "$is")
    fi
    plan+="$key|$is|$want|$former"$'\n'
    lines=$(lines_of "$key" "${former:-$is}" "$want")
    before+=${lines%.}
  done < <(settings)
  write_conf "$before"
  while IFS='|' read -r key is want former; do
    [ -n "$key" ] || continue
    if [ "$is" != "$want" ]; then
      if { echo "$want" >"$(path_of "$key")"; } 2>/dev/null; then
        echo "tune: $key was $is and is $want now."
      else
        echo "tune: $key cannot be set here; in a container it must be set on the host. It stays $is." >&2
        status=1
        [ -n "$former" ] || continue
      fi
    fi
    if [ "$key" = net.ipv4.tcp_congestion_control ]; then echo tcp_bbr | replace_file "$modules"; fi
    lines=$(lines_of "$key" "${former:-$is}" "$want")
    after+=${lines%.}
  done <<<"$plan"
  write_conf "$after"
  return "$status"
}

undo() {
  if [ ! -f "$conf" ]; then
    echo "tune: nothing to undo: there is no $conf."
    return 0
  fi
  local status=0 key former left=""
  while IFS='|' read -r key former; do
    if { echo "$former" >"$(path_of "$key")"; } 2>/dev/null; then
      echo "tune: $key is $former again."
    else
      echo "tune: $key cannot be set back to $former; that stays noted in $conf." >&2
      left+="# former: $key = $former"$'\n'"$(grep -F "$key = " "$conf" | grep -v '^#')"$'\n'
      status=1
    fi
  done < <(sed -n 's/^# former: \([^ ]*\) = \(.*\)$/\1|\2/p' "$conf")
  rm -f "$modules"
  write_conf "$left"
  return "$status"
}

case "${1:-}" in
  check) check ;;
  apply) need_root apply; apply ;;
  undo) need_root undo; undo ;;
  *)
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
    ;;
esac
