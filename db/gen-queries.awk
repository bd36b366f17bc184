# db/gen-queries.awk - named SQL to C.
#
#	awk -f gen-queries.awk -v out=h db/queries/*.sql > db/queries.h
#	awk -f gen-queries.awk -v out=c db/queries/*.sql > db/queries.c
#
# A query begins with
#	-- query: NAME(param, param)
# and goes to the next one or the end of its file. What several queries say in the same words is a fragment:
#	-- fragment: NAME
# begins it, and a line `-- include: NAME` in a query or a fragment of any file puts its text there; what it asks for, the
# query's header must name. :'param' becomes $1, $2, ... in the header's order;
# `-- many: param` in a query that is `... = :'param'` once, and shows the thing as its first column: reads of several things in
# one turn are one statement, with `= any (:'params')`.
# `:page` makes three texts, for 21, 51 and 101 rows: with `limit $1` PostgreSQL would plan every execution anew.
# The file stays runnable in psql (\set param value).

function fail(what) {
	printf "%s: %s\n", where == "" ? FILENAME ":" FNR : where, what > "/dev/stderr"
	failed = 1
	exit 1
}

# The text that takes an array where `= $n` stands.
function for_many(text, one,    rest) {
	if (is_paged || !match(text, one "([^0-9]|$)"))
		fail(name ": -- many: " many " wants one place with = :\047" many "\047, and no page")
	rest = substr(text, RSTART + 1)
	if (match(rest, "\\$" index_of[many] "([^0-9]|$)") && match(substr(rest, RSTART + 1), "\\$" index_of[many] "([^0-9]|$)"))
		fail(name ": " many " stands more than once")
	match(text, one)
	return substr(text, 1, RSTART - 1) "= any ($" index_of[many] "::uuid[])" substr(text, RSTART + RLENGTH)
}

# Ends the query under way: are all its parameters used, is there a text at all?
function finish(    i) {
	sub(/[ \t\n;]+$/, "", text)
	if (text == "")
		fail(name " has no text")
	for (i = 1; i <= nparams; i++)
		if (!used[i])
			fail(name ": parameter " pname[i] " is not used")
	count++
	names[count] = name
	files[count] = file
	texts[count] = text
	paged[count] = is_paged
	is_read[count] = tolower(text) ~ /^select[^a-z]/ && tolower(text) !~ /[^a-z]for (no key )?(update|share)/
	many_by[count] = many == "" ? -1 : index_of[many] - 1
	many_texts[count] = many == "" ? "" : for_many(text, "= \\$" index_of[many])
	param_counts[count] = nparams
	for (i = 1; i <= nparams; i++)
		params[count, i] = pname[i]
}

function begin(line,    list, i, n) {
	sub(/^-- query:[ \t]*/, "", line)
	if (line !~ /^[A-Z][A-Z0-9_]*\([a-z0-9_, ]*\)[ \t]*$/)
		fail("expected: -- query: NAME(param, ...)")
	name = list = line
	sub(/\(.*/, "", name)
	sub(/^[^(]*\(/, "", list)
	sub(/\).*/, "", list)
	gsub(/[ \t]/, "", list)
	if (name in seen)
		fail(name " is there twice")
	seen[name] = 1
	split("", index_of)
	split("", used)
	nparams = split(list, pname, ",")
	for (i = 1; i <= nparams; i++) {
		if (pname[i] == "" || pname[i] in index_of)
			fail(name ": bad parameter list")
		index_of[pname[i]] = i
	}
	text = many = ""
	is_paged = 0
}

function add(line,    p) {
	while (match(line, /:'[a-z0-9_]+'/)) {
		p = substr(line, RSTART + 2, RLENGTH - 3)
		if (!(p in index_of))
			fail(name ": parameter " p " is not in the header")
		used[index_of[p]] = 1
		line = substr(line, 1, RSTART - 1) "$" index_of[p] substr(line, RSTART + RLENGTH)
	}
	if (line ~ /:page([^a-z0-9_]|$)/)
		is_paged = 1
	sub(/[ \t]+$/, "", line)
	sub(/^[ \t]+/, "", line)
	text = text (text == "" ? "" : "\n") line
}

# Awks differ in what gsub makes of backslashes: double them by hand.
function double_backslashes(s,    done, i) {
	while ((i = index(s, "\\")) > 0) {
		done = done substr(s, 1, i) "\\"
		s = substr(s, i + 1)
	}
	return done s
}

function c_string(s, rows) {
	if (rows)
		gsub(/:page/, rows, s)
	s = double_backslashes(s)
	gsub(/"/, "\\\"", s)
	gsub(/\n/, "\\n\"\n\t\t\"", s)
	return "\"" s "\""
}

function write_header(    i) {
	print "/* Made by db/gen-queries.awk from db/queries/. */"
	print "#ifndef ATELIER_DB_QUERIES_H\n#define ATELIER_DB_QUERIES_H\n"
	print "enum query_id {\n\tQ_NONE,"
	for (i = 1; i <= count; i++)
		printf "\tQ_%s,\n", names[i]
	print "\tQUERY_COUNT\n};\n"
	print "/* clang-format off */"
	for (i = 1; i <= count; i++)
		printf "#define Q_%s_NPARAMS %d\n", names[i], param_counts[i]
	print "\n#endif"
}

function write_source(    i, j) {
	print "/* Made by db/gen-queries.awk from db/queries/. */"
	print "#include \"db/db.h\"\n"
	print "extern const struct query_info query_table[];\n"
	print "const struct query_info query_table[] = {\n\t[Q_NONE] = { .name = \"NONE\" },"
	for (i = 1; i <= count; i++) {
		printf "\t[Q_%s] = { .name = \"%s\", .file = \"%s\", .param_count = %d, .is_paged = %s, .is_read = %s, .many_by = %d,\n",
		    names[i], names[i], files[i], param_counts[i], paged[i] ? "true" : "false", is_read[i] ? "true" : "false", many_by[i]
		printf "\t\t.params = (const char *const[]){ "
		for (j = 1; j <= param_counts[i]; j++)
			printf "\"%s\", ", params[i, j]
		print "0 },"
		if (paged[i])
			printf "\t\t.text = {\n\t\t%s,\n\t\t%s,\n\t\t%s } },\n", c_string(texts[i], 21),
			    c_string(texts[i], 51), c_string(texts[i], 101)
		else if (many_by[i] >= 0)
			printf "\t\t.text = {\n\t\t%s,\n\t\t%s } },\n", c_string(texts[i]), c_string(many_texts[i])
		else
			printf "\t\t.text = {\n\t\t%s } },\n", c_string(texts[i])
	}
	print "};"
}

# A block is the header line of a query or a fragment, and its lines. Fragments may stand after those who include them.
function open_block(line) {
	blocks++
	headers[blocks] = line
	sources[blocks] = FILENAME
	starts[blocks] = FNR
	lengths[blocks] = 0
	if (line ~ /^-- fragment:/) {
		sub(/^-- fragment:[ \t]*/, "", line)
		if (line !~ /^[A-Z][A-Z0-9_]*[ \t]*$/)
			fail("expected: -- fragment: NAME")
		sub(/[ \t]+$/, "", line)
		if (line in fragment)
			fail("fragment " line " is there twice")
		fragment[line] = blocks
	}
}

function keep(line) {
	if (!blocks || sources[blocks] != FILENAME)
		fail("SQL outside of a query")
	lines[blocks, ++lengths[blocks]] = line
}

function add_block(b, depth,    i, line) {
	if (depth > 4)
		fail(name ": fragments include each other without end")
	for (i = 1; i <= lengths[b]; i++) {
		line = lines[b, i]
		if (line ~ /^-- many:/) {
			sub(/^-- many:[ \t]*/, "", line)
			sub(/[ \t]+$/, "", line)
			if (!(line in index_of))
				fail(name ": parameter " line " is not in the header")
			many = line
			continue
		}
		if (line !~ /^[ \t]*-- include:/) {
			add(line)
			continue
		}
		sub(/^[ \t]*-- include:[ \t]*/, "", line)
		sub(/[ \t]+$/, "", line)
		if (!(line in fragment))
			fail(name ": there is no fragment " line)
		add_block(fragment[line], depth + 1)
	}
}

/^-- (query|fragment):/ { open_block($0); next }
/^[ \t]*-- include:/ || /^-- many:/ { keep($0); next }
/^[ \t]*--/ || /^[ \t]*$/ || /^\\/ { next }
{ keep($0) }

END {
	if (failed)
		exit 1
	for (b = 1; b <= blocks; b++) {
		if (headers[b] !~ /^-- query:/)
			continue
		where = sources[b] ":" starts[b]
		begin(headers[b])
		file = sources[b]
		sub(/.*\//, "", file)
		add_block(b, 1)
		finish()
	}
	if (failed)
		exit 1
	if (out == "h")
		write_header()
	else
		write_source()
}
