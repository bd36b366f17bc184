# etc/gen-conf.awk - lib/settings.def as the example configuration: every setting with its default, commented out.
# awk -v datadir=/usr/share/atelier -f etc/gen-conf.awk lib/settings.def

BEGIN {
	print "# atelier.conf - copy to /etc/atelier/atelier.conf; what is commented out shows the default."
	print "# Each key can also come from the environment: ATELIER_<SECTION>_<KEY>, for [main] just ATELIER_<KEY>."
	print "# A secret can stand in a file: <key>_file = /path. A comment begins with ; or #, within a line with \" ;\"."
}

/^X\(/ {
	line = $0
	sub(/^X\(/, "", line)
	split(line, part, /, */)
	section = part[1]
	key = part[2]
	kind = part[3]
	rest = substr(line, index(line, kind ", ") + length(kind) + 2)
	gsub(/ATELIER_DATADIR "/, "\"" datadir, rest)
	if (!match(rest, /^"[^"]*"/)) {
		print "gen-conf.awk: cannot read " $0 > "/dev/stderr"
		exit 1
	}
	value = substr(rest, 2, RLENGTH - 2)
	doc = substr(rest, RLENGTH + 4)
	sub(/"\)[ \t]*$/, "", doc)
	if (section != last)
		print "\n[" section "]"
	last = section
	print "# " doc
	if (kind == "SECRET" && value == "")
		print "#" key "_file = /etc/atelier/" key
	else
		print "#" key " = " value
}

END {
	print "\n# A pool is a group of children behind one socket; the web server's configuration says which paths go where."
	print "# engine: event (many requests at once in a child) or libfcgi (one at a time; for routes that compute)."
	print "# listen: unix:/path, host:port or systemd:NAME. max_requests = 0: a child is never replaced."
	n = split("api event 2 2 upload event 1 1 auth libfcgi 2 1", pool, " ")
	for (i = 1; i <= n; i += 4) {
		print "\n[pool:" pool[i] "]"
		print "engine = " pool[i + 1] "\nlisten = unix:/run/atelier/" pool[i] ".sock"
		print "children = " pool[i + 2] "\nmax_requests = 100000\nconnections = " pool[i + 3]
		if (pool[i] == "auth")
			print "# more sign-ins than that at once are turned away (503), and the others do not feel them\nbacklog = 64\nnice = 10"
	}
}
