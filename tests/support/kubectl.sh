#!/usr/bin/env bash
# Fetches kubectl, which has kustomize in it, into one folder.
#
#   kubectl.sh FOLDER
#
# Debian 12 has none that is new enough, and that of Debian 13 needs nothing but the C library that both have: the package
# is unpacked, and its one program kept. Nothing is installed on the machine.
# The last line on standard error says why it could not be done.
set -euo pipefail
export LC_ALL=C

give_up() {
  echo "$1" >&2
  exit 1
}

[ $# = 1 ] || give_up "usage: kubectl.sh FOLDER"
grep -qs '^ID=debian$' /etc/os-release && command -v apt-get >/dev/null || give_up "this is not Debian"

mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$folder/work
mkdir -p "$work"/{lists/partial,cache/archives/partial}

mirror=$(awk '/^URIs/{print $2; exit}' /etc/apt/sources.list.d/debian.sources 2>/dev/null) || true
[ -n "$mirror" ] || give_up "apt-get's sources name no mirror of Debian's"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
echo "deb [signed-by=$keys] $mirror trixie main" >"$work/sources.list"
: >"$work/status"
apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
     -o "Dir::Cache=$work/cache" -o "Dir::State::status=$work/status" -o APT::Sandbox::User=root
     -o Acquire::Languages=none)
"${apt[@]}" update >"$work/log" 2>&1 || give_up "apt-get cannot reach Debian's packages"
cd "$work"
"${apt[@]}" download kubectl >>"$work/log" 2>&1 || give_up "apt-get cannot download kubectl"
dpkg-deb -x ./kubectl_*.deb "$work/unpacked"
mv "$work/unpacked/usr/bin/kubectl" "$folder/kubectl"
"$folder/kubectl" version --client >>"$work/log" 2>&1 || give_up "kubectl does not run on this machine"
rm -rf "$work"
chmod -R a+rX "$folder"
