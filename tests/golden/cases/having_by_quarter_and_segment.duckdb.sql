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
    j1."segment" AS d0,
    f."customer_id" AS value,
    COUNT(*) AS counted,
    COUNT(*) AS h0
  FROM "facts"."order" AS f
  LEFT JOIN "facts"."customer" AS j1
    ON j1."client_id" = f."client_id" AND j1."customer_id" = f."customer_id"
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."ordered_at") < CAST($2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."ordered_at") - CAST($2 AS BIGINT)
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
            EPOCH_US(f."ordered_at") - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      )
    END
  WHERE
    f."client_id" = CAST($1 AS TEXT)
  GROUP BY
    1,
    2,
    3
), scan_0 AS (
  SELECT
    period,
    d0,
    CAST(SUM(CASE WHEN NOT value IS NULL AND (
      h0 >= 2
    ) THEN 1 ELSE 0 END) AS BIGINT) AS s0,
    CAST(SUM(counted) AS BIGINT) AS s1
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
), repeated_customer AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM "facts"."customer" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      f."customer_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  (
    SELECT
      COUNT(*)
    FROM repeated_customer
  ) AS repeated_customer
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
