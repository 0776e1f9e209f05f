WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM UNNEST(CAST($14 AS BIGINT[]), CAST($15 AS BIGINT[])) WITH ORDINALITY AS r(first_segment, last_segment, period)
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM UNNEST(CAST($16 AS BIGINT[])) WITH ORDINALITY AS s(segment, position)
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) FILTER(WHERE
      (
        (
          f."customer_id" = CAST($4 AS TEXT)
        )
        OR (
          f."promised_on" = CAST($5 AS DATE)
        )
        OR (
          f."ordered_at" >= CAST($6 AS TIMESTAMPTZ)
        )
        OR (
          f."cancelled" = CAST($7 AS BOOLEAN)
        )
      )) AS s0,
    COUNT(*) AS s1
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."ordered_at" >= CAST($2 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($3 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      FALSE
  ) AS f
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f."customer_id" AS value,
    COUNT(*) AS counted,
    COUNT(*) AS h0
  FROM "facts"."order" AS f
  JOIN pairs_0 AS e
    ON e.segment = WIDTH_BUCKET(f."ordered_at", CAST($8 AS TIMESTAMPTZ[]))
  WHERE
    f."client_id" = CAST($1 AS TEXT)
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    period,
    CAST(SUM(CASE WHEN NOT value IS NULL AND (
      h0 >= CAST($9 AS BIGINT)
    ) THEN 1 ELSE 0 END) AS BIGINT) AS s2,
    CAST(SUM(counted) AS BIGINT) AS s3
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s1, 0) AS r1,
    CASE
      WHEN COALESCE(scan_1.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_1.s2
    END AS t2,
    COALESCE(scan_1.s3, 0) AS r2
  FROM UNNEST(CAST($10 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 * CAST($11 AS DECIMAL) AS k1,
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
LIMIT CAST($12 AS BIGINT)
OFFSET CAST($13 AS BIGINT)
