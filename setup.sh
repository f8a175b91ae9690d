#!/usr/bin/env bash
# Installs the Debian packages that faxtally needs and that are not there yet. Runs as often as you
# like; asks for sudo only where something is missing and you are not root.
#
#   ./setup.sh          to build, to run the demo and the tests
#   ./setup.sh bench    what the benchmarks compare with, too
#   ./setup.sh browser  the browser in which the review screens are tested, too
set -euo pipefail

# build-essential: the C compiler that SQLite is built with.
# libtiff-tools: tiffcp and its pixels, which the decoder's tests are compared with.
# libtesseract-dev, tesseract-ocr-jpn, -eng: Tesseract with its models for Japanese and for digits.
# fonts-*: the hands and the print of simulated faxes; which are there decides how pages look.
packages=(
  build-essential pkg-config libtiff-tools libtesseract-dev tesseract-ocr-jpn tesseract-ocr-eng
  fonts-ipaexfont-gothic fonts-klee fonts-yusei-magic fonts-kiloji fonts-seto
  fonts-yozvox-yozfont-standard-kana fonts-dejavu-core
)
if [[ "${1:-}" == bench ]]; then
  packages+=(libleptonica-dev)
elif [[ "${1:-}" == browser ]]; then
  packages+=(chromium)
  # Node that did not come from Debian does not go together with Debian's npm.
  command -v node >/dev/null || packages+=(nodejs)
  command -v npm >/dev/null || packages+=(npm)
elif [[ $# -gt 0 ]]; then
  echo "usage: $0 [bench|browser]" >&2
  exit 2
fi

if ! command -v cargo >/dev/null; then
  echo "setup: Rust is missing: install rustup or Debian's rustc and cargo, 1.94 or newer" >&2
  exit 1
fi
# What reads handwriting is no Debian package, and needs no root.
"$(dirname "$0")"/setup-models.sh
if ! command -v dpkg-query >/dev/null; then
  echo "setup: not a Debian system; install the equivalents of: ${packages[*]}" >&2
  exit 0
fi

# One question for all of them; packages that dpkg has never heard of are only missing from its answer.
installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "${packages[@]}" 2>/dev/null || true)
missing=()
for package in "${packages[@]}"; do
  grep -qx "$package installed" <<<"$installed" || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  echo "setup: all ${#packages[@]} packages are there"
  exit 0
fi

echo "setup: installing ${missing[*]}"
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: that takes root, and there is no sudo: as root, apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}"
}
# The package lists of a fresh machine may be empty or old: then they are fetched, once.
install || { "${as_root[@]}" apt-get update && install; }
