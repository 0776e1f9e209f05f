WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      UNNEST(CAST($9 AS BIGINT[])) AS first_segment,
      UNNEST(CAST($10 AS BIGINT[])) AS last_segment,
      GENERATE_SUBSCRIPTS(CAST($9 AS BIGINT[]), 1) AS period
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      UNNEST(CAST($11 AS BIGINT[])) AS segment,
      GENERATE_SUBSCRIPTS(CAST($11 AS BIGINT[]), 1) AS position
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    f."store" AS d0,
    f."amount" AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f."store", f."customer_id"
      ORDER BY CASE WHEN NOT (
        f."amount"
      ) IS NULL THEN 1 ELSE 0 END DESC, f."sold_on" DESC, f."sale_id" DESC
    ) AS place
  FROM "facts"."sale" AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN (
        f."sold_on" - CAST('1970-01-01' AS DATE)
      ) < CAST($2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            (
              f."sold_on" - CAST('1970-01-01' AS DATE)
            ) - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      ) > LEN(CAST($4 AS BIGINT[]))
      THEN CAST($5 AS BIGINT)
      ELSE LIST_EXTRACT(
        (
          SELECT
            CAST($4 AS BIGINT[])
        ),
        (
          (
            (
              f."sold_on" - CAST('1970-01-01' AS DATE)
            ) - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      )
    END
  WHERE
    f."client_id" = CAST($1 AS TEXT)
), scan_0 AS (
  SELECT
    period,
    d0,
    SUM(value) FILTER(WHERE
      place = 1 AND there = 1) AS s0,
    COUNT(*) FILTER(WHERE
      there = 1) AS s1
  FROM scan_0_rows
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0
  FROM (
    SELECT
      UNNEST(CAST($6 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($6 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
