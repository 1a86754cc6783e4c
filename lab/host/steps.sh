# Steps: each runs with its output in a log, says how long it took, and when it fails, why.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }
die() { say "lab: $*"; exit 1; }

declare -A STEP_PID=() STEP_START=()
HEARTBEAT=10  # seconds between two signs of life of a long step

# begin NAME COMMAND...: start a step beside what follows. (9 is the lab's lock: a daemon must not inherit it.)
begin() {
  local name=$1; shift
  STEP_START[$name]=$SECONDS
  ( set -e; "$@" ) >"$LAB_LOGS/$name.log" 2>&1 </dev/null 9>&- &
  STEP_PID[$name]=$!
}

# finish NAME: wait for a step; a failure ends the run with the log's last lines.
finish() {
  local name=$1 pid=${STEP_PID[$1]} start=${STEP_START[$1]} told=$SECONDS
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.1
    if ((SECONDS - told >= HEARTBEAT)); then
      told=$SECONDS
      say "  $name ... $((SECONDS - start)) s: $(tail -c 200 "$LAB_LOGS/$name.log" | tr '\r' '\n' | tail -n 1 | cut -c1-90)"
    fi
  done
  unset "STEP_PID[$name]"
  if ! wait "$pid"; then
    say "lab: step '$name' failed after $((SECONDS - start)) s; the last lines of $LAB_LOGS/$name.log:"
    tail -n 25 "$LAB_LOGS/$name.log" | sed 's/^/    /' >&2
    exit 1
  fi
  ((SECONDS - start < 2)) || say "  $name: $((SECONDS - start)) s"
}

step() { begin "$@"; finish "$1"; }

# Steps that are still under way when the run ends would go on in the dark.
end_steps() {
  local pid
  for pid in "${STEP_PID[@]}"; do kill "$pid" 2>/dev/null || true; done
}
trap end_steps EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
