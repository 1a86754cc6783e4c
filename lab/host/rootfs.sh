# The two Debian root filesystems: made by mmdebstrap, renamed into place when whole.
# shellcheck shell=bash

need_mmdebstrap() {
  if ! command -v mmdebstrap >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap gpg mount
  fi
}

# make_rootfs SUITE DIR: under another name first, so that a half-made one is never taken for whole; what an earlier run
# left half made goes.
make_rootfs() {
  local suite=$1 dir=$2 partial=$2.partial.$$ old
  [ ! -d "$dir" ] || return 0
  for old in "$dir".partial.*; do
    [ -d "$old" ] || continue
    end_processes "$old"
    unmount_below "$old"
    rm -rf --one-file-system "$old"
  done
  "$LAB_SRC/lab/rootfs/make" "$suite" "$partial"
  mv "$partial" "$dir"
}

# furnish DIR: what a root filesystem takes from this machine, and the lab's users. Safe to repeat.
furnish() {
  local dir=$1 user
  cp -L /etc/resolv.conf "$dir/etc/resolv.conf"
  printf '127.0.0.1 localhost %s\n' "$(host_name)" >"$dir/etc/hosts"
  mkdir -p "$dir/etc/ssl/certs" "$dir/etc/slurm" "$dir/src" "$dir/var/cache/lab"
  [ ! -s /etc/ssl/certs/ca-certificates.crt ] ||
    cp -L /etc/ssl/certs/ca-certificates.crt "$dir/etc/ssl/certs/ca-certificates.crt"
  for user in alice:1001 bob:1002 restd:1500; do
    grep -q "^${user%:*}:" "$dir/etc/passwd" ||
      chroot "$dir" useradd -u "${user#*:}" -m -s /bin/bash "${user%:*}"
  done
  grep -q '^slurm:' "$dir/etc/passwd" || chroot "$dir" useradd -r -u 64030 slurm
}

host_name() { cut -d. -f1 /proc/sys/kernel/hostname; }
