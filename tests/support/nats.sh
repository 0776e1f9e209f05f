#!/usr/bin/env bash
# Fetches Debian's nats-server into one folder.
#
#   nats.sh FOLDER
#
# Nothing of it is installed on the machine: the package is unpacked, and its one program, which needs nothing, kept.
# The last line on standard error says why it could not be done.
set -euo pipefail
export LC_ALL=C

give_up() {
  echo "$1" >&2
  exit 1
}

[ $# = 1 ] || give_up "usage: nats.sh FOLDER"
grep -qs '^ID=debian$' /etc/os-release && command -v apt-get >/dev/null || give_up "this is not Debian"

mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$folder/work
mkdir -p "$work"/{lists/partial,cache/archives/partial}

# apt with lists of its own: the machine's may be old.
apt=(apt-get -qq -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root
     -o Acquire::Languages=none)
"${apt[@]}" update >"$work/log" 2>&1 || give_up "apt-get cannot reach Debian's packages"
cd "$work"
"${apt[@]}" download nats-server >>"$work/log" 2>&1 || give_up "apt-get cannot download nats-server"
dpkg-deb -x ./nats-server_*.deb "$work/unpacked"
mv "$work/unpacked/usr/sbin/nats-server" "$folder/nats-server"
rm -rf "$work"
chmod -R a+rX "$folder"
