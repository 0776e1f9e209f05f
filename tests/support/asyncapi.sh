#!/usr/bin/env bash
# Fetches the official JSON schemas of AsyncAPI from npm into one folder, in the version npm-asyncapi fixes by its hash.
#
#   asyncapi.sh FOLDER
#
# No script of a package is run. The last line on standard error says why it could not be done.
set -euo pipefail

give_up() {
  echo "$1" >&2
  exit 1
}

[ $# = 1 ] || give_up "usage: asyncapi.sh FOLDER"
command -v npm >/dev/null || give_up "npm is not here"

cp "$(dirname "$0")"/npm-asyncapi/{package.json,package-lock.json,.npmrc} "$1"
cd "$1"
npm ci --ignore-scripts --no-update-notifier --loglevel=error >log 2>&1 ||
  give_up "npm cannot fetch the schemas: $(grep -m 1 'npm error' log || tail -n 1 log)"
chmod -R a+rX .
