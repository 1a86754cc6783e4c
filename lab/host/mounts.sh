# What is mounted in a root filesystem, and how it goes away again without touching the machine's own mounts.
# shellcheck shell=bash

# mount_system DIR: proc, sys, dev and run. The copies of /sys and /dev are slaves: unmounting one of them
# does not propagate to the machine.
mount_system() {
  local dir=$1 tree
  mountpoint -q "$dir/proc" || mount -t proc proc "$dir/proc"
  for tree in sys dev; do
    mountpoint -q "$dir/$tree" || { mount --rbind "/$tree" "$dir/$tree"; mount --make-rslave "$dir/$tree"; }
  done
  mountpoint -q "$dir/run" || mount -t tmpfs -o mode=755 tmpfs "$dir/run"
}

# bind FROM TO: make FROM visible at TO, in place of anything else bound there.
bind() {
  local from=$1 to=$2
  if mountpoint -q "$to"; then
    if [ "$from" -ef "$to" ]; then return 0; fi
    umount -l "$to"
  fi
  mount --bind "$from" "$to"
}

mounts_below() {
  awk -v dir="$1/" 'index($5 "/", dir) == 1 { print $5 }' /proc/self/mountinfo | tac
}

unmount_below() {
  local point
  for point in $(mounts_below "$1"); do
    umount "$point" 2>/dev/null || umount -l "$point"
  done
}

# The processes whose root directory is DIR: the only ones the lab ever ends. -ef compares device and inode.
processes_in() {
  local dir=$1 proc
  for proc in /proc/[0-9]*; do
    if [ "$proc/root" -ef "$dir" ]; then echo "${proc#/proc/}"; fi
  done
}

# end_processes DIR: first politely, after five seconds for good.
end_processes() {
  local dir=$1 signal pids
  for signal in TERM KILL; do
    mapfile -t pids < <(processes_in "$dir")
    ((${#pids[@]})) || return 0
    kill "-$signal" "${pids[@]}" 2>/dev/null || true
    for _ in {1..50}; do
      [ -n "$(processes_in "$dir")" ] || return 0
      sleep 0.1
    done
  done
}
