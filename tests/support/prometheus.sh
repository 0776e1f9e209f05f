#!/usr/bin/env bash
# Fetches Debian's Prometheus and Alertmanager, with promtool and amtool, into one folder.
#
#   prometheus.sh FOLDER
#
# Nothing of them is installed on the machine and no service is set up: the packages are unpacked, and their four
# programs, which need nothing else, kept. The last line on standard error says why it could not be done.
set -euo pipefail
export LC_ALL=C

give_up() {
  echo "$1" >&2
  exit 1
}

[ $# = 1 ] || give_up "usage: prometheus.sh FOLDER"
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
"${apt[@]}" download prometheus prometheus-alertmanager >>"$work/log" 2>&1 ||
  give_up "apt-get cannot download prometheus and prometheus-alertmanager"
for package in ./*.deb; do
  dpkg-deb -x "$package" "$work/unpacked"
done
for program in prometheus promtool prometheus-alertmanager amtool; do
  mv "$work/unpacked/usr/bin/$program" "$folder/$program"
done

# Debian's Alertmanager reads its own templates in one fixed folder, which only an installed package has. In the program
# this becomes the folder it is started in, written as long as the other.
installed=/usr/share/prometheus/alertmanager
here=.$(printf "%$((${#installed} - 1))s" "" | tr ' ' /)
mkdir "$folder/templates"
mv "$work/unpacked$installed"/*.tmpl "$folder/templates"
sed -i "s#$installed#$here#g" "$folder/prometheus-alertmanager"
rm -rf "$work"
chmod -R a+rX "$folder"
