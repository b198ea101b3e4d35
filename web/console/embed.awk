# Makes of the page's files, which are all text, the table that web/lab/page.h declares.
BEGIN {
	types["html"] = "text/html"
	types["css"] = "text/css"
	types["js"] = "text/javascript"
	types["json"] = "application/json"
	types["svg"] = "image/svg+xml"
	print "#include \"web/lab/page.h\"\n\nconst struct page_file page_files[] = {"
}
FNR == 1 {
	if (NR > 1)
		print "\t},"
	n = split(FILENAME, path, "/")
	split(path[n], name, ".")
	printf "\t{ \"%s\", \"%s; charset=utf-8\",\n", path[n], types[name[2]]
}
{
	gsub(/[\\"?]/, "\\\\&")
	printf "\t  \"%s\\n\"\n", $0
}
END {
	print "\t},\n\t{ 0 },\n};"
}
