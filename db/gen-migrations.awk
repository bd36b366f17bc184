# db/gen-migrations.awk - migrations to C, so that atelierctl carries them.
#
#	awk -f gen-migrations.awk db/migrations/*.sql > db/migrations.c

function fail(what) {
	print FILENAME ": " what > "/dev/stderr"
	failed = 1
	exit 1
}

function escaped(s,    done, i, c) {
	done = ""
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		done = done (c == "\\" || c == "\"" ? "\\" : "") c
	}
	return done
}

BEGIN {
	print "/* Made by db/gen-migrations.awk from db/migrations/. */"
	print "#include \"db/migrate.h\"\n"
	print "const struct migration migrations[] = {"
}

FNR == 1 {
	if (count++)
		print "\t},"
	file = FILENAME
	sub(/.*\//, "", file)
	if (file !~ /^[0-9][0-9][0-9][0-9]_[a-z0-9_]+\.sql$/)
		fail("a migration is called NNNN_name.sql")
	if (substr(file, 1, 4) + 0 <= number)
		fail("its number is not higher than that of the one before")
	number = substr(file, 1, 4) + 0
	name = file
	sub(/\.sql$/, "", name)
	printf "\t{ %d, \"%s\",\n", number, name
}

{ print "\t\t\"" escaped($0) "\\n\"" }

END {
	if (failed)
		exit 1
	if (count)
		print "\t},"
	print "\t{ 0, NULL, NULL },\n};"
}
