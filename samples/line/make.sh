#!/bin/sh
# Sends every TIFF of a folder through two real fax modems: IN_DIR/x.tif -> OUT_DIR/x.tif.
#   samples/line/make.sh IN_DIR OUT_DIR
# Needs cc, libspandsp-dev, libtiff-dev. The same folder gives the same files.
set -eu
if [ $# -ne 2 ] || [ ! -d "$1" ]; then
    echo "usage: $0 IN_DIR OUT_DIR" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc -O2 -o "$work/faxloop" "$here/faxloop.c" -lspandsp -ltiff -lm
mkdir -p "$2"
# The banner shows local time.
export TZ=Asia/Tokyo

# From a perfect line to one with a burst of noise every other second (the README says what they do).
settings() {
    case $(($1 % 6)) in
        0) echo "ecm=1 hit=0" ;;
        1) echo "ecm=0 hit=0" ;;
        2) echo "ecm=0 hit=0.15 hitdb=-25" ;;
        3) echo "ecm=1 hit=0.4 hitdb=-20" ;;
        4) echo "ecm=0 hit=0.3 hitdb=-25 overlay=1" ;;
        5) echo "ecm=0 hit=0.5 hitdb=-20" ;;
    esac
}

n=0
failed=0
printf 'file\tsettings\treceiver\n' > "$2/calls.tsv"
for page in "$1"/*.tif; do
    [ -e "$page" ] || { echo "no .tif in $1" >&2; exit 2; }
    name=$(basename "$page")
    set_to="$(settings $n) seed=$((n + 1))"
    # shellcheck disable=SC2086 # one word a setting
    if ! "$work/faxloop" "$page" "$2/$name" $set_to 2> "$work/said"; then
        echo "$name: the call failed ($set_to): $(tr '\n' ' ' < "$work/said")" >&2
        rm -f "$2/$name"
        failed=$((failed + 1))
    fi
    printf '%s\t%s\t%s\n' "$name" "$set_to" "$(grep '^receiver' "$work/said" || echo none)" \
        >> "$2/calls.tsv"
    n=$((n + 1))
done
echo "$n files, $failed failed calls"
[ "$failed" -eq 0 ]
