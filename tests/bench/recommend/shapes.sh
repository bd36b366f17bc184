#!/bin/bash
# shapes.sh - the evaluation on sets of differently shaped habits, as files of user,item,timestamp like public data sets are: what is
# watched together is all that is known. Run in a build folder. Prints the figures of each.
#   series    who watched a part goes on with the next one        fashion   everybody's taste wanders on, month by month
#   crowd     everybody watches what is popular, nobody has a taste     niches    400 small circles, a third of it by chance
set -euo pipefail
evaluate=tests/bench/recommend/evaluate
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

shape() { # name awk-program
	awk -v seed=7 "BEGIN { srand(seed); print \"user,item,timestamp\"; $2 }" >"$dir/$1.csv"
	echo "# $1"
	"$evaluate" "$dir/$1.csv"
}

shape series 'for (u = 0; u < 3000; u++) for (s = 0; s < 2; s++) { c = int(300 * rand() * rand()); at = int(rand() * 10)
	for (k = 0; k < 6; k++) print "p" u ",s" c "-" at + k "," 1700000000 + 90000 * (s * 6 + k) + u }'
shape fashion 'for (u = 0; u < 3000; u++) { t = int(60 * rand())
	for (k = 0; k < 12; k++) print "p" u ",f" (t + int(k / 3)) % 60 "-" int(40 * rand() * rand()) "," 1700000000 + 864000 * k + u }'
shape crowd 'for (u = 0; u < 3000; u++) for (k = 0; k < 12; k++) print "p" u ",c" int(2000 * rand() * rand() * rand()) "," 1700000000 + 90000 * k + u'
shape niches 'for (u = 0; u < 3000; u++) { n = int(400 * rand())
	for (k = 0; k < 10; k++) print "p" u ",n" (rand() < 0.33 ? int(8000 * rand()) : n * 20 + int(20 * rand())) "," 1700000000 + 90000 * k + u }'
