#!/usr/bin/env bash
# Builds Debian's TimescaleDB (the Apache edition) with Debian's PostgreSQL into one folder that holds both.
#
#   timescaledb.sh FOLDER
#
# Nothing of it is installed on the machine: PostgreSQL's packages are unpacked into the folder, where its programs find
# each other by relative paths. Only compilers and libraries that are missing are installed, and only that takes root.
# The last line on standard error says why it could not be done.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
readonly SUITE=trixie # the first Debian that has TimescaleDB; its source builds with the PostgreSQL of the one before, too
readonly KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

give_up() {
  echo "$1" >&2
  exit 1
}

[ $# = 1 ] || give_up "usage: timescaledb.sh FOLDER"
grep -qs '^ID=debian$' /etc/os-release && command -v apt-get >/dev/null || give_up "this is not Debian"

mkdir -p "$1"
folder=$(cd "$1" && pwd)
work=$folder/work
mkdir -p "$work"/{sources,lists/partial,cache/archives/partial,packages}
log=$work/log
trap 'tail -n 5 "$log" >&2 2>/dev/null || true' ERR

# apt with lists of its own: the machine's may be old, and have no sources.
apt=(apt-get -qq -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/sources" -o "Dir::State::lists=$work/lists"
     -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none -o DPkg::Lock::Timeout=300)
cp /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list "$work/sources" 2>/dev/null || true
[ ! -f /etc/apt/sources.list ] || cp /etc/apt/sources.list "$work/sources/main.list"

{
  "${apt[@]}" update
  mirror=$("${apt[@]}" indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | head -n 1)
  [ -n "$mirror" ] || give_up "no archive of Debian is among the sources of apt-get"
  echo "deb-src [signed-by=$KEYRING] $mirror $SUITE main" >"$work/sources/timescaledb.list"
  "${apt[@]}" update
} >"$log" 2>&1 || give_up "apt-get cannot reach Debian's packages"

depends() { apt-cache -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" depends "$1" | sed -n 's/^ *Depends: //p'; }
version=$(depends postgresql | sed -n 's/^postgresql-\([0-9]*\)$/\1/p')
[ -n "$version" ] || give_up "Debian's package postgresql names no version"

needed=(cmake ninja-build gcc libc6-dev dpkg-dev libkrb5-dev libssl-dev)
while read -r library; do needed+=("$library"); done < <(
  for package in "postgresql-$version" "postgresql-client-$version"; do depends "$package"; done |
    grep '^lib' | grep -v '^libllvm' | sort -u) # without compiled plans: no query of a test is worth compiling
missing=()
for package in "${needed[@]}"; do
  dpkg-query -W -f '${db:Status-Abbrev}\n' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || give_up "only root may install ${missing[*]}"
  "${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1 || give_up "apt-get cannot install ${missing[*]}"
fi

cd "$work/packages"
"${apt[@]}" download "postgresql-$version" "postgresql-client-$version" "postgresql-server-dev-$version" libpq-dev >>"$log" 2>&1 ||
  give_up "apt-get cannot download PostgreSQL"
"${apt[@]}" source --download-only timescaledb >>"$log" 2>&1 || give_up "apt-get cannot download the source of TimescaleDB"
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
dpkg-source --no-check -x ./timescaledb_*.dsc "$work/source" >>"$log" 2>&1 # apt-get has checked its signature

cmake -S "$work/source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DAPACHE_ONLY=ON -DUSE_TELEMETRY=OFF \
  -DREGRESS_CHECKS=OFF -DTAP_CHECKS=OFF -DGENERATE_DOWNGRADE_SCRIPT=OFF -DWARNINGS_AS_ERRORS=OFF \
  -DPG_CONFIG="$folder/usr/lib/postgresql/$version/bin/pg_config" >>"$log" 2>&1
ninja -C "$work/build" install >>"$log" 2>&1 || give_up "TimescaleDB does not compile: $(tail -n 1 "$log")"

ln -s "usr/lib/postgresql/$version/bin" "$folder/bin"
rm -rf "$work" "$folder/usr/lib/postgresql/$version/lib/bitcode" "$folder/usr/include" "$folder/usr/share/doc"
chmod -R a+rX "$folder"
