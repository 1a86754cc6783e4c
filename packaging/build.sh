# Building for the Slurm that is installed: where its headers are, pyslurm's wheel, our own, an environment of both.
# shellcheck shell=bash
#
# SLURM_INCLUDE_DIR and SLURM_LIB_DIR name Slurm's headers and library where the compiler does not find them by itself.
# PYSLURMRESTD_WHEELS names a directory that keeps wheels from one build to the next, by what they were made from.

# A build that fails ends what waits for its wheel, within $( ) too.
shopt -s inherit_errexit

PACKAGING=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
SOURCE=$(dirname "$PACKAGING")

# The directory that holds slurm/slurm.h; fails when there is none.
slurm_include_dir() {
  local found
  if [ -n "${SLURM_INCLUDE_DIR:-}" ]; then
    [ -e "$SLURM_INCLUDE_DIR/slurm/slurm.h" ] && echo "$SLURM_INCLUDE_DIR"
    return
  fi
  found=$(echo '#include <slurm/slurm.h>' | "${CC:-gcc}" -E -xc - 2>/dev/null | sed -n 's|^# 1 "\(.*\)/slurm/slurm\.h".*|\1|p' | head -n 1)
  [ -n "$found" ] && echo "$found"
}

# The directory that holds libslurm.so; fails when there is none.
slurm_lib_dir() {
  local found=${SLURM_LIB_DIR:+$SLURM_LIB_DIR/libslurm.so}
  [ -n "$found" ] || found=$("${CC:-gcc}" -print-file-name=libslurm.so)
  [ -e "$found" ] && dirname "$(realpath -s "$found")"
}

# The release of the headers, such as 26.05.5.
slurm_headers_release() {
  local number
  number=$(printf '#include <slurm/slurm_version.h>\nSLURM_VERSION_NUMBER\n' |
    "${CC:-gcc}" -I"$(slurm_include_dir)" -E -P -xc - | tail -n 1)
  printf '%d.%02d.%d\n' $((number >> 16)) $((number >> 8 & 255)) $((number & 255))
}

pip_of() { "$1" -m pip --disable-pip-version-check --no-input "${@:2}"; }

# wheel_for KEY COMMAND...: the directory of the wheel that COMMAND leaves in the directory it is given as last argument.
# The hashes of kept wheels are kept beside them, and checked before they are used.
wheel_for() {
  local key=$1 kept build; shift
  kept=${PYSLURMRESTD_WHEELS:+$PYSLURMRESTD_WHEELS/$key}
  if [ -n "$kept" ] && (cd "$kept" 2>/dev/null && sha256sum --check --status SHA256SUMS); then
    echo "$kept"
    return
  fi
  build=$(mktemp -d "${BUILD:-/tmp}/wheel.XXXXXX")
  "$@" "$build" >&2
  if [ -z "$kept" ]; then
    echo "$build"
    return
  fi
  (cd "$build" && sha256sum ./*.whl >SHA256SUMS)
  mkdir -p "$PYSLURMRESTD_WHEELS"
  chmod 755 "$build"
  rm -rf "$kept"
  mv "$build" "$kept.$$" && mv "$kept.$$" "$kept"
  echo "$kept"
}

# build_key PYTHON FUNCTION: what decides how a wheel comes out, beside its sources.
build_key() { "$1" -V; slurm_headers_release; uname -m; cat "$PACKAGING/build.txt"; declare -f "$2"; }
key_of() { sha256sum | cut -c1-16; }

# pyslurm's release is made for Slurm 25.11. Three names moved in 26.05, and its build looks at one version number.
PYSLURM_CFLAGS="-DSLURM_BACKWARD_COMPAT -Dslurm_free_ctl_conf=slurm_free_conf \
-DESLURM_ERROR_ON_DESC_TO_RECORD_COPY=2008 -Wno-incompatible-pointer-types"
PYSLURM_KNOWS=0x190b02

pyslurm_key() { { cat "$PACKAGING/pyslurm.txt"; echo "$PYSLURM_CFLAGS $PYSLURM_KNOWS"; build_key "$1" build_pyslurm; } | key_of; }

# build_pyslurm PYTHON DIR: PYTHON is of an environment with what build.txt names. (pip's own cache would give the wheel
# that was built for another Slurm.)
build_pyslurm() {
  local python=$1 dir=$2 headers
  headers=$(mktemp -d "${BUILD:-/tmp}/include.XXXXXX")
  cp -r "$(slurm_include_dir)/slurm" "$headers/slurm"
  sed -i "s/^#define SLURM_VERSION_NUMBER .*/#define SLURM_VERSION_NUMBER $PYSLURM_KNOWS/" "$headers/slurm/slurm_version.h"
  CFLAGS=$PYSLURM_CFLAGS SLURM_INCLUDE_DIR=$headers SLURM_LIB_DIR=$(slurm_lib_dir) \
    LDFLAGS=${SLURM_LIB_DIR:+-Wl,-rpath,$SLURM_LIB_DIR} \
    pip_of "$python" wheel --no-cache-dir --require-hashes --no-build-isolation --no-deps --no-binary pyslurm -w "$dir" -r "$PACKAGING/pyslurm.txt"
  rm -rf "$headers"
}

# pyslurm_wheel PYTHON: the directory of pyslurm's wheel.
pyslurm_wheel() { wheel_for "$(pyslurm_key "$1")" build_pyslurm "$1"; }

# What our wheel is made from.
our_files() {
  (cd "$SOURCE" && find pyproject.toml setup.py README.md LICENSE pyslurmrestd plugins -type f \
    -not -name '*.so' -not -name '*.pyc' -print0 | sort -z)
}
our_key() { { (cd "$SOURCE" && our_files | xargs -0 sha256sum); build_key "$1" build_ours; } | key_of; }

# build_ours PYTHON DIR: from a copy, with nothing in it that was built before.
build_ours() {
  local python=$1 dir=$2 copy
  copy=$(mktemp -d "${BUILD:-/tmp}/source.XXXXXX")
  (cd "$SOURCE" && our_files | tar -c --null -T -) | tar -xC "$copy"
  printf '[build_ext]\nparallel = %d\n' "$(nproc)" >"$copy/parallel.cfg"
  DIST_EXTRA_CONFIG=$copy/parallel.cfg \
    pip_of "$python" wheel --no-build-isolation --check-build-dependencies --no-deps -w "$dir" "$copy"
  rm -rf "$copy"
}
our_wheel() { wheel_for "$(our_key "$1")" build_ours "$1"; }

# make_environment PYTHON DIR PREFIX: an environment in DIR with the daemon and all that it needs, to be used at PREFIX.
# It gets no pip of its own: what is in it belongs together.
make_environment() {
  local python=$1 dir=$2 prefix=$3 tools=$BUILD/tools
  "$python" -m venv "$tools"
  pip_of "$tools/bin/python" install -q --require-hashes --only-binary :all: -r "$PACKAGING/build.txt"
  local pyslurm ours
  pyslurm=$(pyslurm_wheel "$tools/bin/python")
  ours=$(our_wheel "$tools/bin/python")
  rm -rf "$dir"
  "$python" -m venv --without-pip "$dir"
  pip_of "$tools/bin/python" --python "$dir/bin/python" install -q --no-compile --no-deps --require-hashes --only-binary :all: \
    -r "$PACKAGING/requirements.txt"
  pip_of "$tools/bin/python" --python "$dir/bin/python" install -q --no-compile --no-deps --no-index "$pyslurm"/*.whl "$ours"/*.whl
  pip_of "$tools/bin/python" --python "$dir/bin/python" check
  # Scripts that are nobody's here go, and what is left speaks of the place where it will be.
  find "$dir/bin" -type f -not -name pyslurmrestd -delete
  find "$dir/bin" -name 'activate*' -delete
  sed -i "1s|^#!.*|#!$prefix/bin/python|" "$dir/bin/pyslurmrestd"
  sed -i '/^command = /d' "$dir/pyvenv.cfg"
  find "$dir" \( -name direct_url.json -o -name '𝜋thon' -o -name .gitignore \) -delete
  ! command -v strip >/dev/null || find "$dir"/lib/python*/site-packages/pyslurm* -name '*.so' -exec strip --strip-unneeded {} +
  "$dir/bin/python" -m compileall -q -j "$(nproc)" -s "$dir" -p "$prefix" --invalidation-mode unchecked-hash "$dir/lib"
}

# place_unit FILE PROGRAM DIR: one of the files of systemd/, for the daemon of this installation.
place_unit() { sed "s|/usr/sbin/pyslurmrestd|$2|" "$SOURCE/systemd/$1" >"$3/$1"; }
