WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($8 AS BIGINT[]), CAST($9 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), scan_0_things AS (
  SELECT
    e.period,
    MAX(
      CASE
        WHEN f.ae_begins < e.first_segment AND f.ae_ends >= e.first_segment
        THEN 1
        ELSE 0
      END
    ) AS at_start,
    MAX(
      CASE
        WHEN f.ae_begins < e.last_segment AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END
    ) AS at_end
  FROM (
    SELECT
      f.*,
      WIDTH_BUCKET(f."started_at", CAST($2 AS TIMESTAMPTZ[])) AS ae_begins,
      COALESCE(WIDTH_BUCKET(f."ended_at", CAST($2 AS TIMESTAMPTZ[])), CAST($3 AS BIGINT)) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = CAST($4 AS TEXT) AND f."started_at" < CAST($1 AS TIMESTAMPTZ)
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f."client_id" = CAST($4 AS TEXT)
  GROUP BY
    e.period,
    f."sub_id"
), scan_0 AS (
  SELECT
    period,
    SUM(CASE WHEN at_start = 1 AND at_end = 0 THEN 1 ELSE 0 END) AS s0,
    SUM(CASE WHEN at_start = 1 AND at_end = 1 THEN 1 ELSE 0 END) AS s1,
    SUM(CASE WHEN at_start = 0 AND at_end = 1 THEN 1 ELSE 0 END) AS s2,
    SUM(CASE WHEN at_start + at_end > 0 THEN 1 ELSE 0 END) AS s3,
    COUNT(*) AS s4
  FROM scan_0_things
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s3, 0) AS r0,
    COALESCE(scan_0.s4, 0) AS p0,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s3, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS p1,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s3, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS p2
  FROM UNNEST(CAST($5 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC
LIMIT CAST($6 AS BIGINT)
OFFSET CAST($7 AS BIGINT)
