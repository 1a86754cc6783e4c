# The way into the rootfs.
# shellcheck shell=bash

ENV_BIN=/opt/env/bin

# The environment of a command in the rootfs, one NAME=value per line. Nothing of the caller's passes but what is
# named here: an answer must not depend on who ran the lab.
inside_environment() {
  local user=$1 name
  echo "PATH=$ENV_BIN:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  awk -F: -v user="$user" '$1 == user { print "HOME=" $6 "\nSHELL=" $7 }' "$LAB_ROOT/etc/passwd"
  echo "USER=$user"
  echo "LOGNAME=$user"
  echo "LANG=C.UTF-8"
  echo "LAB_IN_ROOTFS=1"
  lab_variables ""
  for name in TERM CI COLUMNS NO_COLOR FORCE_COLOR ${!PYTEST_@} ${!BENCH_@} ${!DEMO_@}; do
    [ -z "${!name+set}" ] || echo "$name=${!name}"
  done
}

# pip's and npm's settings are this machine's, but for those that name local directories, which the rootfs does not have.
pip_settings() {
  local name index
  for name in ${!PIP_@} npm_config_registry http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
    case $name=${!name-} in
      PIP_FIND_LINKS=* | PIP_CERT=* | PIP_CACHE_DIR=* | PIP_CONFIG_FILE=* | *=file:* | *=*' file:'* | *=/* | *=) ;;
      *) echo "$name=${!name}" ;;
    esac
  done
  if [ -z "${PIP_INDEX_URL:-}" ] && index=$(pip config get global.index-url 2>/dev/null) && [[ $index = http* ]]; then
    echo "PIP_INDEX_URL=$index"
  fi
  [ ! -s "$LAB_ROOT/etc/ssl/certs/ca-certificates.crt" ] || echo "PIP_CERT=/etc/ssl/certs/ca-certificates.crt"
}

# enter USER: set ENTER to the words that run a command in the rootfs as USER, in /src, with that environment.
enter() {
  local user=$1 variables
  grep -q "^$user:" "$LAB_ROOT/etc/passwd" || die "the lab has no user $user"
  mapfile -t variables < <(inside_environment "$user")
  ENTER=(chroot "$LAB_ROOT" setpriv "--reuid=$user" "--regid=$user" --init-groups env -i -C /src "${variables[@]}")
}

# script NAME ARGUMENTS...: one of the lab's own scripts for the rootfs.
script() {
  enter root
  "${ENTER[@]}" "/src/lab/inside/$1" "${@:2}"
}

script_with_pip() {
  local settings
  mapfile -t settings < <(pip_settings)
  enter root
  "${ENTER[@]}" "${settings[@]}" "/src/lab/inside/$1" "${@:2}"
}
