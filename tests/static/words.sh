#!/usr/bin/env bash
# Every text of the admin pages has its words in every language that they speak.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${ATELIER_BUILD_DIR:-.}
[ -x "$build/po/words" ] || { echo "po/words is not built in $build"; exit 1; }
template=$(mktemp)
trap 'rm -f "$template"' EXIT
"$build/po/words" templates/admin/*.xsl >"$template"
bad=0
for po in po/*.po; do
  msgfmt --check-format -o /dev/null "$po"
  missing=$(msgmerge --no-fuzzy-matching --quiet --no-wrap "$po" "$template" | msgattrib --untranslated --no-obsolete --no-wrap | sed -n 's/^msgid "\(..*\)"$/\1/p')
  [ -z "$missing" ] || { printf '%s lacks words for:\n%s\n(make update-po)\n' "$po" "$missing"; bad=1; }
done
exit $bad
