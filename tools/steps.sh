# SPDX-License-Identifier: Apache-2.0
# Steps that tools/check and tools/try share; sourced with the repository as the working directory.

# Otherwise every clone would compile anew: the folder's name goes into the debug information.
export CCACHE_NOHASHDIR=yes

say() { printf '%s\n' "$*"; }

# packages_of SECTION...: the names in those sections of tools/packages
packages_of() {
  awk -v wanted=" $* " '/^\[/ { section = substr($0, 2, length($0) - 2) }
    /^[a-z0-9]/ && index(wanted, " " section " ") { print $1 }' tools/packages
}

missing_packages() {
  local installed
  installed=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' | awk '$2 == "installed" { print $1 }')
  packages_of "$@" | grep -vxF "$installed" || true
}

apt() { DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"; }

# install_packages SECTION...: whatever of them is missing; asks the mirror for new lists only when the present ones
# do not do
install_packages() {
  local missing log
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then return 0; fi
  if [ "$(id -u)" -ne 0 ]; then
    say "missing packages, and only root can install them: ${missing[*]}" >&2
    return 1
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  log=$(mktemp)
  if ! apt install --yes --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
    say "fetching the package lists first"
    if ! { apt update && apt install --yes --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      return 1
    fi
  fi
  rm -f "$log"
  if [[ " ${missing[*]} " == *" dbus-broker "* ]]; then leave_the_bus_alone; fi
}

# Debian's dbus-broker makes itself the machine's bus from the next boot on, and the sessions'; the tests need the program
# alone. Later versions of the package leave it as it is then.
leave_the_bus_alone() {
  systemctl --quiet disable dbus-broker.service
  systemctl --quiet --global disable dbus-broker.service
}

# build_in FOLDER [MESON-OPTION...]: configures it once and builds all, or $targets; says nothing unless it fails. The
# compiler is $compiler, through ccache.
build_in() {
  local folder=$1 log
  shift
  log=$(mktemp)
  if [ ! -f "$folder/build.ninja" ]; then
    rm -rf "$folder"
    if ! CXX="ccache ${compiler:-g++}" meson setup "$folder" . "$@" >"$log" 2>&1; then
      cat "$log" >&2
      rm -f "$log"
      return 1
    fi
  fi
  if ! ninja -C "$folder" ${targets:-} >"$log" 2>&1; then
    # ninja's progress lines end where the words of the compiler begin
    awk '/^FAILED:|ERROR:|ninja: error/ { failed = 1 } failed' "$log" >&2
    rm -f "$log"
    return 1
  fi
  rm -f "$log"
}
