#!/usr/bin/env bash
# Makes this machine able to run nobounce's containers. For Debian and Ubuntu, as root or with sudo.
#   1. installs the Docker engine and mmdebstrap where they are missing
#   2. starts the engine where none answers (by systemd where there is one, else in the background)
#   3. sees to the folder by which mail containers see the volumes that another container mounts
#   4. has the base image: pulled from Docker Hub, or made from the Debian mirror where Docker Hub cannot be had
# It may be run again at any time: what is there already is left alone.
#
# NOBOUNCE_SHARED_FOLDER     that folder (default /var/lib/nobounce); it must be set for every run as well
# NOBOUNCE_DEBIAN_MIRROR     the mirror to build from (default: the one apt uses here, else deb.debian.org)
# NOBOUNCE_PULL_TIMEOUT_S    how long a pull may take before the image is made here (default 60)
# NOBOUNCE_ENGINE_TIMEOUT_S  how long to wait for the engine (default 60)
set -Eeuo pipefail

readonly BASE_IMAGE='debian:trixie-slim'
readonly BASE_SUITE='trixie'
readonly PULL_TIMEOUT_S="${NOBOUNCE_PULL_TIMEOUT_S:-60}"
readonly ENGINE_TIMEOUT_S="${NOBOUNCE_ENGINE_TIMEOUT_S:-60}"
readonly SHARED_FOLDER="${NOBOUNCE_SHARED_FOLDER:-/var/lib/nobounce}"
readonly ENGINE_LOG='/var/log/nobounce-dockerd.log'
readonly ENGINE_PIDFILE='/var/run/docker.pid'

say() { printf 'setup-docker: %s\n' "$*"; }
die() {
  printf 'setup-docker: error: %s\n' "$*" >&2
  exit 1
}
trap 'die "line $LINENO: a command failed: $BASH_COMMAND"' ERR

become_root() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null || die 'run me as root: sudo is not installed'
  say 'not root: starting again with sudo'
  exec sudo --preserve-env=NOBOUNCE_SHARED_FOLDER,NOBOUNCE_DEBIAN_MIRROR,NOBOUNCE_PULL_TIMEOUT_S,NOBOUNCE_ENGINE_TIMEOUT_S bash "$0" "$@"
}

require_debian_or_ubuntu() {
  local id=unknown like=''
  if [ -r /etc/os-release ]; then
    id="$(. /etc/os-release && printf '%s' "${ID:-unknown}")"
    like="$(. /etc/os-release && printf '%s' "${ID_LIKE:-}")"
  fi
  case " $id $like " in
    *' debian '* | *' ubuntu '*) ;;
    *) die "this script knows Debian and Ubuntu only, this is $id: install Docker by hand, then run nobounce doctor" ;;
  esac
}

# install_packages NAME...
install_packages() {
  say "installing: $*"
  if ! DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; then
    timeout 300 apt-get update -qq
    DEBIAN_FRONTEND=noninteractive timeout 600 apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  fi
}

ensure_engine_installed() {
  if command -v docker >/dev/null && engine_answers; then
    return
  fi
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  if [ ${#missing[@]} -gt 0 ]; then
    install_packages "${missing[@]}"
  fi
  # Since Debian 13 the client is a package of its own.
  command -v docker >/dev/null || install_packages docker-cli
  say "engine installed: $(dockerd --version)"
}

engine_answers() { timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# Without an init system nobody has mounted the control groups.
ensure_cgroups() {
  if mountpoint -q /sys/fs/cgroup; then
    return
  fi
  say 'mounting the control groups (version 2)'
  mount -t cgroup2 cgroup2 /sys/fs/cgroup || die 'cannot mount /sys/fs/cgroup'
}

# The engine gives its bridge 1500 bytes; where the way out is narrower, downloads in a build would hang.
outgoing_mtu() {
  local device
  device="$(awk '$2 == "00000000" { print $1; exit }' /proc/net/route)"
  cat "/sys/class/net/${device:-none}/mtu" 2>/dev/null || printf '1500\n'
}

# A pid file left by a killed machine may name a process that is something else now.
remove_stale_pidfile() {
  [ -e "$ENGINE_PIDFILE" ] || return 0
  local pid
  pid="$(cat "$ENGINE_PIDFILE")"
  if [ "$(cat "/proc/$pid/comm" 2>/dev/null || true)" != dockerd ]; then
    rm -f "$ENGINE_PIDFILE"
  fi
}

# start_engine FLAG... : in the background; 0 when it answers before the deadline
start_engine() {
  remove_stale_pidfile
  say "starting dockerd $* (log: $ENGINE_LOG)"
  setsid nohup dockerd "$@" >"$ENGINE_LOG" 2>&1 </dev/null &
  local pid=$!
  local deadline=$((SECONDS + ENGINE_TIMEOUT_S))
  while [ "$SECONDS" -lt "$deadline" ]; do
    if engine_answers; then
      return 0
    fi
    if ! kill -0 "$pid" 2>/dev/null; then
      return 1
    fi
    sleep 0.2
  done
  kill "$pid" 2>/dev/null || true
  return 1
}

ensure_engine_running() {
  if engine_answers; then
    say "engine answers: $(docker version --format '{{.Server.Version}}')"
    return
  fi
  if [ -d /run/systemd/system ]; then
    say 'starting the engine: systemctl start docker'
    systemctl start docker
    engine_answers || die 'systemd started docker, but it does not answer: see journalctl -u docker'
    return
  fi
  ensure_cgroups
  local flags=("--mtu=$(outgoing_mtu)")
  if ! start_engine "${flags[@]}"; then
    # Two things differ between kernels: the iptables back end, and whether overlay works on this file system.
    if grep -qi 'iptables' "$ENGINE_LOG" && command -v iptables-legacy >/dev/null; then
      say 'the engine could not use iptables: trying the legacy one'
      local shim=/usr/local/lib/nobounce-iptables
      mkdir -p "$shim"
      ln -sf "$(command -v iptables-legacy)" "$shim/iptables"
      ln -sf "$(command -v ip6tables-legacy)" "$shim/ip6tables"
      export PATH="$shim:$PATH"
    fi
    if grep -qiE 'overlay|storage-driver|graphdriver' "$ENGINE_LOG" && ! grep -qi 'iptables' "$ENGINE_LOG"; then
      flags+=(--storage-driver=vfs)
    fi
    if ! start_engine "${flags[@]}"; then
      tail -n 20 "$ENGINE_LOG" >&2
      die "the engine did not start within ${ENGINE_TIMEOUT_S} s: see $ENGINE_LOG"
    fi
  fi
  say "engine answers: $(docker version --format '{{.Server.Version}}')"
}

debian_mirror() {
  if [ -n "${NOBOUNCE_DEBIAN_MIRROR:-}" ]; then
    printf '%s\n' "${NOBOUNCE_DEBIAN_MIRROR%/}"
    return
  fi
  local found
  found="$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -E '/debian/?$' | head -n 1 || true)"
  printf '%s\n' "${found:-http://deb.debian.org/debian}" | sed 's,/*$,,'
}

make_base_image() {
  command -v mmdebstrap >/dev/null || install_packages mmdebstrap
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || install_packages debian-archive-keyring
  local mirror security proxy
  mirror="$(debian_mirror)"
  security="${mirror%/debian}/debian-security"
  proxy="$(apt-config dump Acquire::http::Proxy | sed -n 's/^Acquire::http::Proxy "\(.*\)";$/\1/p')"
  say "making $BASE_IMAGE from $mirror with mmdebstrap (about a minute)"
  local folder
  folder="$(mktemp -d)"
  # shellcheck disable=SC2064 # the folder's name is wanted now
  trap "rm -rf '$folder'" EXIT

  local signed='[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
  local sources=("deb $signed $mirror $BASE_SUITE main" "deb $signed $mirror $BASE_SUITE-updates main")
  if timeout 20 /usr/lib/apt/apt-helper download-file \
    "$security/dists/$BASE_SUITE-security/InRelease" "$folder/InRelease" >/dev/null 2>&1; then
    sources+=("deb $signed $security $BASE_SUITE-security main")
  else
    say "no security updates: $security does not answer"
  fi

  # The same slimming as the official image: no documentation, no translations, no kept package lists.
  local options=(
    --variant=minbase
    --components=main
    --include=debian-archive-keyring
    --aptopt='Acquire::Languages "none"'
    --aptopt='Acquire::GzipIndexes "true"'
    --aptopt='Apt::AutoRemove::SuggestsImportant "false"'
    --aptopt='DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; }'
    --dpkgopt='path-exclude=/usr/share/doc/*'
    --dpkgopt='path-include=/usr/share/doc/*/copyright'
    --dpkgopt='path-exclude=/usr/share/man/*'
    --dpkgopt='path-exclude=/usr/share/info/*'
    --dpkgopt='path-exclude=/usr/share/groff/*'
    --dpkgopt='path-exclude=/usr/share/lintian/*'
    --dpkgopt='path-exclude=/usr/share/locale/*'
    --dpkgopt='path-include=/usr/share/locale/locale.alias'
    # Service scripts must not start daemons while an image is built.
    --customize-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"'
    --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"; rm -rf "$1"/var/log/*.log "$1"/var/log/apt'
  )
  case "$mirror" in
    https://*)
      options+=(--include=ca-certificates)
      if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        options+=(
          --customize-hook='cp /usr/local/share/ca-certificates/*.crt "$1/usr/local/share/ca-certificates/"'
          --customize-hook='chroot "$1" update-ca-certificates'
        )
      fi
      ;;
  esac
  if [ -n "$proxy" ]; then
    options+=(--aptopt="Acquire::http::Proxy \"$proxy\"")
  fi

  if ! printf '%s\n' "${sources[@]}" |
    timeout 600 mmdebstrap "${options[@]}" "$BASE_SUITE" "$folder/base.tar" - >"$folder/log" 2>&1; then
    tail -n 30 "$folder/log" >&2
    die "mmdebstrap failed: is $mirror reachable? (NOBOUNCE_DEBIAN_MIRROR names another one)"
  fi
  docker import \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    --change 'CMD ["bash"]' \
    --change 'LABEL nobounce.base=mmdebstrap' \
    "$folder/base.tar" "$BASE_IMAGE" >/dev/null
}

ensure_base_image() {
  if docker image inspect "$BASE_IMAGE" >/dev/null 2>&1; then
    say "base image is here: $BASE_IMAGE"
    return
  fi
  say "pulling $BASE_IMAGE (at most ${PULL_TIMEOUT_S} s)"
  if timeout "$PULL_TIMEOUT_S" docker pull --quiet "$BASE_IMAGE" >/dev/null 2>&1; then
    say "base image pulled: $BASE_IMAGE"
    return
  fi
  say 'Docker Hub cannot be reached'
  make_base_image
  say "base image made: $BASE_IMAGE"
}

# What one container mounts is seen by another only below a mount that is shared. Where systemd runs, all are.
ensure_shared_folder() {
  mkdir -p "$SHARED_FOLDER"
  if is_shared "$SHARED_FOLDER"; then
    say "mounts are shared below $SHARED_FOLDER"
    return
  fi
  mountpoint -q "$SHARED_FOLDER" || mount --bind "$SHARED_FOLDER" "$SHARED_FOLDER"
  mount --make-shared "$SHARED_FOLDER"
  is_shared "$SHARED_FOLDER" || die "the mount of $SHARED_FOLDER cannot be made a shared one"
  say "made a shared mount: $SHARED_FOLDER (until the next start of this machine; then run me again)"
}

is_shared() {
  case "$(findmnt --noheadings --output PROPAGATION --target "$1")" in
    *shared*) return 0 ;;
    *) return 1 ;;
  esac
}

become_root "$@"
require_debian_or_ubuntu
ensure_engine_installed
ensure_engine_running
ensure_shared_folder
ensure_base_image
say 'ready'
