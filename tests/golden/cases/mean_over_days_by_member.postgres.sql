WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM UNNEST(CAST($10 AS BIGINT[])) WITH ORDINALITY AS r(last_segment, period)
), a0_scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    f."plan" AS d0,
    SUM(f."fee") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."started_at", CAST($2 AS TIMESTAMPTZ[])) AS ae_begins,
      COALESCE(WIDTH_BUCKET(f."ended_at", CAST($2 AS TIMESTAMPTZ[])), CAST($3 AS BIGINT)) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($4 AS TEXT) AND f."started_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  WHERE
    f."client_id" = CAST($4 AS TEXT)
  GROUP BY
    1,
    2,
    3
), a0_scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS DECIMAL) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2
  FROM a0_scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), members AS (
  SELECT
    c.owner,
    c.d0
  FROM (
    SELECT
      o.owner,
      s.d0
    FROM a0_scan_0_0 AS s
    JOIN UNNEST(CAST($5 AS BIGINT[])) WITH ORDINALITY AS o(owner, period)
      ON o.period = s.period
  ) AS c
  GROUP BY
    c.owner,
    c.d0
), a0_cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS decimal_0,
    s1 AS integer_0,
    s2 AS integer_1
  FROM a0_scan_0_0
  UNION ALL
  SELECT
    o.period,
    m.d0,
    1 AS piece,
    CAST(NULL AS DECIMAL) AS decimal_0,
    CAST(NULL AS BIGINT) AS integer_0,
    CAST(NULL AS BIGINT) AS integer_1
  FROM UNNEST(CAST($5 AS BIGINT[])) WITH ORDINALITY AS o(owner, period)
  JOIN members AS m
    ON o.owner = m.owner
), a0_merged AS (
  SELECT
    period,
    d0,
    MAX(decimal_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2
  FROM a0_cells
  GROUP BY
    period,
    d0
), a0_terms AS (
  SELECT
    spine.period,
    a0_merged.d0,
    CASE
      WHEN COALESCE(a0_merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE a0_merged.s0
    END AS t0,
    COALESCE(a0_merged.s1, 0) AS r0,
    COALESCE(a0_merged.s2, 0) AS p0,
    spine.owner
  FROM UNNEST(CAST($6 AS BOOLEAN[]), CAST($5 AS BIGINT[])) WITH ORDINALITY AS spine(covered_0, owner, period)
  JOIN a0_merged
    ON a0_merged.period = spine.period
), a0_days AS (
  SELECT
    owner,
    d0,
    t0 AS value,
    p0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    d0,
    CASE
      WHEN COUNT(*) = COUNT(value)
      THEN CAST(SUM(value) AS DECIMAL) / NULLIF(COUNT(value), 0)
    END AS m0,
    CAST(SUM(present) AS BIGINT) AS m0_rows
  FROM a0_days
  GROUP BY
    owner,
    d0
), terms AS (
  SELECT
    spine.period,
    a0_mean.d0,
    a0_mean.m0,
    a0_mean.m0_rows
  FROM UNNEST(CAST($7 AS BIGINT[])) WITH ORDINALITY AS spine(owner, period)
  JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  d0,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
WHERE
  m0_rows > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
