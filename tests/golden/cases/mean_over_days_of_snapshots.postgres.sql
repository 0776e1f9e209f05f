WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM UNNEST(CAST($10 AS BIGINT[])) WITH ORDINALITY AS r(last_segment, period)
), a0_scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    SUM(f."quantity") AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."taken_at", CAST($2 AS TIMESTAMPTZ[])) AS ae_begins,
      LEAST(
        COALESCE(
          WIDTH_BUCKET(
            LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at"),
            CAST($2 AS TIMESTAMPTZ[])
          ),
          CAST($3 AS BIGINT)
        ),
        WIDTH_BUCKET(f."taken_at" + INTERVAL '604800 seconds', CAST($2 AS TIMESTAMPTZ[]))
      ) AS ae_ends
    FROM "facts"."stock" AS f
    WHERE
      f."client_id" = CAST($4 AS TEXT) AND f."taken_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  WHERE
    f."client_id" = CAST($4 AS TEXT)
  GROUP BY
    1,
    2
), a0_scan_0_0 AS (
  SELECT
    e.period,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END) AS DECIMAL) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS BIGINT) AS s1,
    CAST(SUM(s.a2) AS BIGINT) AS s2
  FROM a0_scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), a0_terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(a0_scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 AND COALESCE(a0_scan_0_0.s1, 0) > 0 THEN 0 END
      ELSE a0_scan_0_0.s0
    END AS t0,
    COALESCE(a0_scan_0_0.s1, 0) AS r0,
    COALESCE(a0_scan_0_0.s2, 0) AS p0,
    spine.owner
  FROM UNNEST(CAST($5 AS BOOLEAN[]), CAST($6 AS BIGINT[])) WITH ORDINALITY AS spine(covered_0, owner, period)
  LEFT JOIN a0_scan_0_0
    ON a0_scan_0_0.period = spine.period
), a0_days AS (
  SELECT
    owner,
    t0 AS value,
    p0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    CASE
      WHEN COUNT(*) = COUNT(value)
      THEN CAST(SUM(value) AS DECIMAL) / NULLIF(COUNT(value), 0)
    END AS m0,
    CAST(SUM(present) AS BIGINT) AS m0_rows
  FROM a0_days
  GROUP BY
    owner
), terms AS (
  SELECT
    spine.period,
    a0_mean.m0,
    a0_mean.m0_rows
  FROM UNNEST(CAST($7 AS BIGINT[])) WITH ORDINALITY AS spine(owner, period)
  LEFT JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($8 AS BIGINT)
OFFSET CAST($9 AS BIGINT)
