"""Texts that mean harm: what has broken programs that paste text into SQL, or trust a text to be short and tidy."""

from __future__ import annotations

INJECTIONS = (
    "'; DROP TABLE facts.order; --",
    "' OR '1'='1",
    "' OR 1=1 --",
    '" OR ""="',
    "'' OR ''=''",
    "1; DELETE FROM facts.order",
    "1 UNION SELECT usename, passwd FROM pg_shadow",
    "1) UNION ALL SELECT version() --",
    "x') FILTER (WHERE true); TRUNCATE facts.order; --",
    "$$; DROP SCHEMA facts CASCADE; $$",
    "$tag$ DROP $tag$",
    "E'\\'; DROP TABLE x; --'",
    "U&'\\0027; DROP TABLE x'",
    "$1",
    ":1",
    "?",
    "%s",
    "{0}",
    "${jndi:ldap://x}",
    "`rm -rf /`",
    "/* */ DROP /* */",
    "/*! DROP TABLE x */",
    "-- comment",
    "#comment",
    ";",
    "\\",
    "\\'",
    "''''",
    '""""',
    '"; DROP TABLE x; --"',
    "CHR(39)",
    "pg_sleep(10)",
    "(SELECT pg_sleep(10))",
    "current_user",
    "order.order_id; SELECT 1",
    "count(order) FROM facts.order; --",
    "COPY facts.order TO PROGRAM 'sh'",
    "lo_import('/etc/passwd')",
    "dblink('host=evil', 'select 1')",
    "set_config('role', 'postgres', false)",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
)

UNICODE = (
    "\u2019; DROP TABLE x",  # a typographic quote
    "\uff07 OR 1=1",  # a quote of full width
    "\u02bc",
    "\u2032",
    "\u201cname\u201d",
    "\uff02",
    "\u037e",  # the Greek question mark looks like a semicolon
    "\uff1b",
    "\u2010\u2010 comment",
    "\uff0d\uff0d",
    "\u202eTNUOC\u202c",  # right to left
    "\u200b",  # no width
    "\u200d",
    "\ufeffcount(order)",
    "\u00a0",
    "\u2028",
    "\u2029",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\ud800",  # half a character
    "\udfff",
    "\U0001f4a9",
    "e\u0301" * 50,
    "\u0441ount(order)",  # the first letter is Cyrillic
    "c\u043eunt",
    "\u0661\u0662\u0663",  # digits
    "\uff11\uff12",
    "\u00b2",
    "\u0130stanbul",
    "\u017felect",  # its capital is SELECT
    "\u212aelvin",
    "na\u00efve",
    "\u540d\u524d",
)

NUMBERS = (
    "0", "1", "-1", "00", "1.", ".5", "1..2", "1e5", "1E-5", "1e999999", "1e-999999", "1e99999999999999999999",
    "0e99999", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "9" * 38, "9" * 39, "9" * 5_000,
    "0." + "0" * 37 + "1", "0." + "0" * 400 + "1", "1_000", "0x1F", "1e", "1e+", "NaN", "nan", "Infinity", "-Infinity",
    "inf", "sNaN", "1/0", "1e308", "1e309", "+5", "--5", "1,5", "1 000", "1'000",
)  # fmt: skip

TIMES = (
    "2026-01-05", "2026-02-30", "0001-01-01", "9999-12-31", "10000-01-01", "0000-01-01", "-0001-01-01", "2026-W05-1",
    "20260105", "2026-01-05T00:00:00+00:00", "2026-01-05T00:00:00", "2026-01-05T24:00:00+00:00",
    "2026-01-05T00:00:60+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-05T00:00:00+99:00",
    "2026-01-05 00:00:00Z", "now", "today", "epoch", "infinity", "",
)  # fmt: skip

ZONES = (
    "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Europe/Lisbon", "utc", "EST5EDT", "", " ", "UTC'",
    "../../etc/passwd", "/etc/localtime", "posixrules", "Etc/GMT+12", "America/New_York\x00", "GMT+1; DROP TABLE x",
    "\ud800", "x" * 10_000, "posix/UTC",
)  # fmt: skip

GRAINS = (
    "second", "minute", "hour", "day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year", "MONTH",
    "months", "", " ", "decade", "month'; --", "\x00", "x" * 5_000, "fiscal445_month", "epoch",
)  # fmt: skip

SQL_WORDS = (
    "select", "from", "where", "group", "order", "table", "user", "null", "true", "end", "case", "union", "drop",
    "limit", "offset", "returning", "insert", "into", "values", "lateral", "with", "recursive", "current_date", "cast",
    "interval", "array", "f", "e", "p", "s", "t0", "k0", "d0", "v0", "r0", "period", "segment", "merged", "terms",
    "scan_0", "spine", "owner", "client_id",
)  # fmt: skip

TOKENS = (
    "(", ")", ",", ".", ":", "+", "-", "*", "/", "%", "=", "!=", "<>", "<", "<=", ">", ">=", "and", "or", "not", "is",
    "null", "in", "between", "case", "when", "then", "else", "end", "true", "false", "distinct", "filter", "where",
    "by", "via", "date", "timestamp", "at", "start", "per", "having", "on", "within", "matching", "of", "period",
    "count", "sum", "avg", "min", "max", "first", "last", "percentile", "every", "any", "lost", "kept", "gained",
    "converted", "prorate", "time_avg", "time_weighted_avg", "previous", "growth", "rolling", "to_date", "at_period",
    "share_of_total", "rank", "coalesce", "truncated", "start_of", "end_of", "days", "order", "order_line", "stock",
    "subscription", "visit", "purchase", "customer", "lines", "weight", "quantity", "amount", "order.weight",
    "order.customer.segment", "order.lines", "order.heavy", "ORDERS", "REVENUE", "BALANCE", "BIG_ORDERS", "1", "0",
    "2.5", "28", "days", "month", "year", "'x'", "''", '"end"', '"select"', ":least", "'discrete'", "\n", "\t", "--",
    "/*", ";", "$1", "'", '"', "\\", "\x00", "\ud800", "1e999999",
)  # fmt: skip
