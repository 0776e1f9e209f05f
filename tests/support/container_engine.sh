#!/usr/bin/env bash
# A container engine with compose on a Debian machine, and images that stand in for those the project's files name, for
# machines that reach no container registry. The engine has a network of its own: neither its ports nor its rules meet
# those of the machine.
#
#   container_engine.sh up FOLDER              the engine, a Debian base and the stand-ins, which the folder keeps
#   container_engine.sh run FOLDER COMMAND...  a command in the engine's network, with its client and compose
#   container_engine.sh down FOLDER            ends the engine and takes its network away; what is kept stays
#
# The last line on standard error says why it could not be done.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
readonly SUITE=trixie # has the engine, and PostgreSQL 17 with TimescaleDB
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
readonly NETWORK=ae-containers SUBNET=10.213.47 # ends at .1 on the machine, at .2 in the engine's network
readonly STAND_INS=(python node valkey timescaledb azurite)

give_up() {
  echo "$1" >&2
  exit 1
}

[ $# -ge 2 ] || give_up "usage: container_engine.sh up|run|down FOLDER"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$2"
folder=$(cd "$2" && pwd)
log=$folder/log
export DOCKER_HOST=unix://$folder/docker.sock DOCKER_CONFIG=$folder/client
PATH=$folder/programs/usr/bin:$folder/programs/usr/sbin:$PATH

alive() { docker version >/dev/null 2>&1; }

# The programs are unpacked into the folder, so that an engine of the machine's own stays as it is.
programs() {
  [ ! -x "$folder/programs/usr/sbin/dockerd" ] || return 0
  local work=$folder/apt apt unfinished=$folder/programs.unfinished
  rm -rf "$work" "$unfinished"
  mkdir -p "$work"/{sources,lists/partial,cache/archives/partial,packages} "$unfinished"
  apt=(apt-get -qq -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/sources" -o "Dir::State::lists=$work/lists"
       -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o DPkg::Lock::Timeout=300)
  cp /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$work/sources" 2>/dev/null || true
  [ ! -f /etc/apt/sources.list ] || cp /etc/apt/sources.list "$work/sources/main.list"
  "${apt[@]}" update >>"$log" 2>&1 || give_up "apt-get cannot reach Debian's packages"
  "${apt[@]}" install --no-install-recommends containerd runc iptables tini mmdebstrap >>"$log" 2>&1 ||
    give_up "apt-get cannot install containerd, runc, iptables, tini and mmdebstrap"
  mirror >"$folder/mirror"
  echo "deb [signed-by=$KEYRING] $(cat "$folder/mirror") $SUITE main" >"$work/sources/engine.list"
  find "$work/sources" -name '*.sources' -delete
  "${apt[@]}" update >>"$log" 2>&1 || give_up "apt-get cannot reach Debian's $SUITE"
  # The engine itself needs only the C library of the Debian before; containerd, runc and tini do not, so those are its own.
  (cd "$work/packages" && "${apt[@]}" download docker.io docker-cli docker-compose docker-buildx) >>"$log" 2>&1 ||
    give_up "apt-get cannot download the engine"
  for package in "$work"/packages/*.deb; do dpkg-deb -x "$package" "$unfinished"; done
  rm -rf "$work"
  ln -sf /usr/bin/tini-static "$unfinished/usr/bin/docker-init"
  mv "$unfinished" "$folder/programs"
}

mirror() {
  local found
  found=$("${apt[@]}" indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  [ -n "$found" ] || give_up "no archive of Debian is among the sources of apt-get"
  echo "$found"
}

client() {
  mkdir -p "$DOCKER_CONFIG/cli-plugins"
  ln -sf "$folder"/programs/usr/libexec/docker/cli-plugins/* "$DOCKER_CONFIG/cli-plugins/"
}

network() {
  [ ! -e "/run/netns/$NETWORK" ] || return 0
  {
    cat /proc/sys/net/ipv4/ip_forward >"$folder/ip_forward"
    echo 1 >/proc/sys/net/ipv4/ip_forward
    ip netns add "$NETWORK"
    ip link add "$NETWORK" type veth peer name eth0 netns "$NETWORK"
    ip address add "$SUBNET.1/30" dev "$NETWORK"
    ip link set "$NETWORK" up
    ip -n "$NETWORK" address add "$SUBNET.2/30" dev eth0
    ip -n "$NETWORK" link set eth0 up
    ip -n "$NETWORK" link set lo up
    ip -n "$NETWORK" route add default via "$SUBNET.1"
    rules -A
  } >>"$log" 2>&1 || give_up "a network for the engine cannot be made: $(tail -n 1 "$log")"
}

rules() { # -A or -D
  iptables -t nat "$1" POSTROUTING -s "$SUBNET.0/30" -j MASQUERADE
  iptables "$1" FORWARD -i "$NETWORK" -j ACCEPT
  iptables "$1" FORWARD -o "$NETWORK" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
}

within() { nsenter --net="/run/netns/$NETWORK" "$@"; }

# All containers together are one group, to which the first kernels' groups give as much of a busy processor as to a process.
fair_share() {
  local shares=/sys/fs/cgroup/cpu/docker/cpu.shares
  [ ! -d /sys/fs/cgroup/cpu ] || { mkdir -p "${shares%/*}" && echo 16384 >"$shares"; } 2>/dev/null || true
}

engine() {
  ! alive || return 0
  fair_share
  rm -f "$folder/dockerd.pid"
  within setsid dockerd --data-root "$folder/data" --exec-root "$folder/run" --host "$DOCKER_HOST" --pidfile "$folder/dockerd.pid" \
    --storage-driver overlay2 >"$folder/dockerd.log" 2>&1 </dev/null &
  disown
  for _ in $(seq 120); do
    ! alive || return 0
    sleep .25
  done
  give_up "the engine does not start: $(tail -n 1 "$folder/dockerd.log")"
}

have() { docker image inspect "$1" >/dev/null 2>&1; }

# A minimal Debian that trusts the certificates this machine trusts.
base() {
  ! have standin/debian || return 0
  local work=$folder/base trust
  mkdir -p "$work"
  trust='SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt'
  trust+=' PIP_CERT=/etc/ssl/certs/ca-certificates.crt NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'
  TMPDIR=$work mmdebstrap --quiet --mode=root --variant=minbase --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --aptopt='APT::Install-Recommends "false"' --include=ca-certificates \
    --customize-hook='cp -L /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/ca-certificates.crt"' \
    --customize-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod +x "$1/usr/sbin/policy-rc.d"' \
    "$SUITE" "$work/root.tar" "$(cat "$folder/mirror")" >>"$log" 2>&1 || give_up "mmdebstrap cannot make a Debian"
  docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change "ENV $trust" \
    --change 'CMD ["bash"]' "$work/root.tar" standin/debian >/dev/null
  rm -rf "$work"
}

# What Debian lacks comes from npm, by this machine's own client.
node_modules() { # image, package
  npm install --prefix "$folder/context/$1" --no-save --no-audit --no-fund --no-update-notifier --silent "$2" >>"$log" 2>&1 ||
    give_up "npm cannot fetch $2"
}

stand_in() {
  local recipe=$here/images/$1 context=$folder/context/$1 said
  said=$(cat "$recipe"/* | sha256sum | cut -c1-12)
  ! have "standin/$1:$said" || { docker tag "standin/$1:$said" "standin/$1"; return 0; }
  rm -rf "$context"
  mkdir -p "$context"
  cp "$recipe"/* "$context"
  [ "$1" != node ] || node_modules node npm@11
  [ "$1" != azurite ] || node_modules azurite azurite@3.35.0
  docker build --quiet --tag "standin/$1" --tag "standin/$1:$said" "$context" >>"$log" 2>&1 ||
    give_up "the image that stands in for $1 cannot be built: see $log"
  rm -rf "$context"
}

up() {
  [ "$(id -u)" = 0 ] || give_up "only root may run an engine"
  grep -qs '^ID=debian$' /etc/os-release && command -v apt-get >/dev/null || give_up "this is not Debian"
  command -v npm >/dev/null || give_up "npm is not here"
  : >"$log"
  programs
  client
  network
  engine
  base
  local pids=() name
  for name in "${STAND_INS[@]}"; do stand_in "$name" & pids+=($!); done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

down() {
  ! alive || kill "$(cat "$folder/dockerd.pid")"
  for _ in $(seq 120); do
    alive || break
    sleep .25
  done
  rules -D 2>/dev/null || true
  ip link delete "$NETWORK" 2>/dev/null || true
  ip netns delete "$NETWORK" 2>/dev/null || true
  [ ! -f "$folder/ip_forward" ] || cat "$folder/ip_forward" >/proc/sys/net/ipv4/ip_forward
}

case $1 in
  up) up ;;
  run)
    shift 2
    within "$@"
    ;;
  down) down ;;
  *) give_up "usage: container_engine.sh up|run|down FOLDER" ;;
esac
