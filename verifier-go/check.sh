#!/usr/bin/env bash
# Checks the form of the sources, runs the tests and builds the program. Fetches nothing: everything comes with Debian's
# packages golang-go and golang-golang-x-mod-dev. With an argument, the program is left there.
set -euo pipefail
cd "$(dirname "$0")"
export GO111MODULE=off GOPATH="${GOPATH:-/usr/share/gocode}"

unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
  echo "not as gofmt writes it: $unformatted" >&2
  exit 1
fi
go vet .
go test .

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
go build -o "$built/verifier-go" .
if [ $# -gt 0 ]; then
  cp "$built/verifier-go" "$1"
fi
