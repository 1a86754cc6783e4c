# Where this lab lives and which ports it has: everything the other rooms take from the environment.
# shellcheck shell=bash disable=SC2034  # sourced: the settings are read elsewhere

LAB_CACHE=${LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/pyslurmrestd}

# The directory is keyed by what makes a rootfs; what lies on top (configuration, environment, package) is
# brought up to date in place.
recipe_hash() { cat "$LAB_SRC"/lab/rootfs/* | sha256sum | cut -c1-12; }
LAB_DIR=${LAB_DIR:-$LAB_CACHE/lab-$(recipe_hash)}
LAB_DIR=$(realpath -m -- "$LAB_DIR")
LAB_CACHE=$(realpath -m -- "$LAB_CACHE")
LAB_ROOT=$LAB_DIR/forky
LAB_ROOT24=$LAB_DIR/trixie
LAB_LOGS=$LAB_DIR/log

# A lab keeps its ports: without LAB_PORT_BASE, those of its last `up`.
PORT_BASE_FILE=$LAB_DIR/port-base
if [ -z "${LAB_PORT_BASE:-}" ]; then
  LAB_PORT_BASE=27800
  [ ! -s "$PORT_BASE_FILE" ] || LAB_PORT_BASE=$(<"$PORT_BASE_FILE")
fi
case $LAB_PORT_BASE in
  *[!0-9]*) echo "lab: LAB_PORT_BASE is no number: $LAB_PORT_BASE" >&2; exit 2 ;;
esac
# The cluster's own ports are $LAB_PORT_BASE + 1 to + 7 (inside/configure).
PORT_OURS=$LAB_PORT_BASE
PORT_REF26=$((LAB_PORT_BASE + 8))
PORT_REF24=$((LAB_PORT_BASE + 9))
PORT_ASAN=$((LAB_PORT_BASE + 10))

# Paths as seen inside the rootfs.
SOCKET=/run/pyslurmrestd/rest.sock
SLURM_CONF_FILE=/etc/slurm/slurm.conf
JWT_KEY=/etc/slurm/jwt_hs256.key
JWKS_KEY=/etc/slurm/jwks_rsa.pem

case $LAB_DIR$LAB_CACHE$LAB_SRC in
  *[[:space:]\\]*) echo "lab: spaces and backslashes in the lab's, the cache's or the checkout's path do not work" >&2; exit 2 ;;
esac

# The variables that tests and tools read, one NAME=value per line; $1 is what precedes a path of the rootfs.
lab_variables() {
  local prefix=$1
  echo "LAB_ROOT=${prefix:-/}"
  echo "LAB_URL=http://127.0.0.1:$PORT_OURS"
  echo "LAB_SOCKET=$prefix$SOCKET"
  echo "LAB_REF26_URL=http://127.0.0.1:$PORT_REF26"
  echo "LAB_REF24_URL=http://127.0.0.1:$PORT_REF24"
  echo "LAB_SLURM_CONF=$prefix$SLURM_CONF_FILE"
  echo "LAB_JWT_KEY=$prefix$JWT_KEY"
  echo "LAB_JWKS_KEY=$prefix$JWKS_KEY"
  echo "LAB_PORT_BASE=$LAB_PORT_BASE"
}
