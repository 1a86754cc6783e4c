# The REST daemons: ours, and the two real ones that ours is held against.
# shellcheck shell=bash

# shellcheck disable=SC2034  # read in lab/lab
DAEMONS=(pyslurmrestd slurmrestd-26 slurmrestd-24)

pid_of() {
  local file=$LAB_DIR/run/$1.pid pid
  [ -s "$file" ] || return 0
  pid=$(<"$file")
  if [ "/proc/$pid/root" -ef "$(root_of "$1")" ]; then echo "$pid"; fi
}

root_of() { if [ "$1" = slurmrestd-24 ]; then echo "$LAB_ROOT24"; else echo "$LAB_ROOT"; fi; }

port_of() {
  case $1 in
    pyslurmrestd) echo "$PORT_OURS" ;;
    slurmrestd-26) echo "$PORT_REF26" ;;
    slurmrestd-24) echo "$PORT_REF24" ;;
  esac
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# launch NAME COMMAND...: start a daemon in the background and wait until it listens.
launch() {
  local name=$1 port pid end=$((SECONDS + 30)); shift
  port=$(port_of "$name")
  if answers "$port"; then
    say "$name: port $port is taken by another program; set LAB_PORT_BASE to have others"
    return 1
  fi
  setsid "$@" </dev/null >"$LAB_LOGS/$name.log" 2>&1 9>&- &
  pid=$!
  echo "$pid" >"$LAB_DIR/run/$name.pid"
  until answers "$port"; do
    if ! kill -0 "$pid" 2>/dev/null || ((SECONDS >= end)); then
      say "$name did not come up; its log:"
      tail -n 20 "$LAB_LOGS/$name.log" >&2
      return 1
    fi
    sleep 0.1
  done
}

halt() {
  local name=$1 pid
  pid=$(pid_of "$name")
  [ -n "$pid" ] || return 0
  kill "$pid"
  for _ in {1..100}; do
    # A process that frees gigabytes is gone before its last thread, which still listens.
    [ -n "$(pid_of "$name")" ] || answers "$(port_of "$name")" || return 0
    sleep 0.1
  done
  [ -z "$(pid_of "$name")" ] || kill -KILL "$pid"
}

# The real daemons refuse tokens unless SLURM_JWT is set to something.
start_reference() {
  local name=$1
  [ -z "$(pid_of "$name")" ] || return 0
  launch "$name" chroot --userspec=1500:1500 "$(root_of "$name")" \
    env -i -C /tmp PATH=/usr/sbin:/usr/bin:/sbin:/bin SLURM_JWT=daemon \
    slurmrestd -a rest_auth/jwt "127.0.0.1:$(port_of "$name")"
}

# What a daemon is started from. (A file that vanishes meanwhile only makes another hash.)
SOURCES_FILE=$LAB_DIR/run/pyslurmrestd.sources
sources_hash() {
  set +o pipefail
  cd "$LAB_SRC" && find pyproject.toml setup.py pyslurmrestd plugins -type f -not -name '*.pyc' -print0 |
    sort -z | xargs -0 sha256sum 2>/dev/null | sha256sum
}
note_sources() { (sources_hash) >"$SOURCES_FILE"; }

OUR_ADDRESSES=("127.0.0.1:$PORT_OURS" "unix:$SOCKET")

package_is_there() { [ -x "$LAB_ROOT$ENV_BIN/pyslurmrestd" ]; }

socket_directory() { install -d -o 1500 -g 1500 "$LAB_ROOT$(dirname "$SOCKET")"; }

# start_ours: in the background, from the current checkout.
start_ours() {
  package_is_there || { say "  pyslurmrestd is not in the checkout yet: its daemon is left out"; return 0; }
  if [ -n "$(pid_of pyslurmrestd)" ]; then
    [ "$(sources_hash)" != "$(cat "$SOURCES_FILE" 2>/dev/null)" ] || return 0
    halt pyslurmrestd
  fi
  socket_directory
  note_sources
  enter restd
  launch pyslurmrestd "${ENTER[@]}" pyslurmrestd "${OUR_ADDRESSES[@]}"
}
