#!/usr/bin/env bash
# Installs Azurite from npm into one folder, in the versions that npm/package-lock.json fixes by their hashes.
#
#   azurite.sh FOLDER
#
# No script of a package is run. The last line on standard error says why it could not be done.
set -euo pipefail

give_up() {
  echo "$1" >&2
  exit 1
}

[ $# = 1 ] || give_up "usage: azurite.sh FOLDER"
command -v npm >/dev/null || give_up "npm is not here"

cp "$(dirname "$0")"/npm/{package.json,package-lock.json,.npmrc} "$1"
cd "$1"
npm ci --ignore-scripts --omit=optional --no-update-notifier --loglevel=error >log 2>&1 ||
  give_up "npm cannot install Azurite: $(grep -m 1 'npm error' log || tail -n 1 log)"
chmod -R a+rX .
