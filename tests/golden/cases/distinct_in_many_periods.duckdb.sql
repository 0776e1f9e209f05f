WITH scan_0_values_0 AS (
  SELECT
    (
      r.bucket >> 5
    ) AS block,
    r.d0,
    r.value,
    BIT_OR(CAST(1 AS BIGINT) << (
      r.bucket & 31
    )) AS bits
  FROM (
    SELECT
      LIST_EXTRACT(
        (
          SELECT
            CAST($2 AS BIGINT[])
        ),
        (
          (
            EPOCH_US(f."ordered_at") - CAST($3 AS BIGINT)
          ) // CAST($4 AS BIGINT)
        ) + 1
      ) AS bucket,
      f."cancelled" AS d0,
      f."customer_id" AS value
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($5 AS TEXT)
      AND f."ordered_at" >= CAST($6 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($7 AS TIMESTAMPTZ)
      AND NOT (
        f."customer_id"
      ) IS NULL
  ) AS r
  GROUP BY
    1,
    2,
    3
), scan_0_values_0_count AS (
  SELECT
    e.period,
    m.d0,
    CAST(COUNT(*) AS BIGINT) AS s0
  FROM scan_0_values_0 AS m
  JOIN (
    SELECT
      UNNEST(CAST($1 AS BIGINT[])) AS asked,
      GENERATE_SUBSCRIPTS(CAST($1 AS BIGINT[]), 1) AS period
  ) AS e
    ON m.block = (
      e.period >> 5
    )
    AND (
      (
        m.bits >> CAST((
          e.period & 31
        ) AS INT)
      ) & 1
    ) = 1
  GROUP BY
    1,
    2
), scan_0_fine AS (
  SELECT
    (
      (
        EPOCH_US(f."ordered_at") - CAST($3 AS BIGINT)
      ) // CAST($4 AS BIGINT)
    ) + 1 AS cell,
    f."cancelled" AS d0,
    COUNT(*) AS s1,
    COUNT(f."customer_id") AS s2
  FROM "facts"."order" AS f
  WHERE
    f."client_id" = CAST($5 AS TEXT)
    AND f."ordered_at" >= CAST($6 AS TIMESTAMPTZ)
    AND f."ordered_at" < CAST($7 AS TIMESTAMPTZ)
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    LIST_EXTRACT((
      SELECT
        CAST($2 AS BIGINT[])
    ), cell) AS period,
    d0,
    CAST(SUM(s1) AS BIGINT) AS s1,
    CAST(SUM(s2) AS BIGINT) AS s2
  FROM scan_0_fine
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS integer_0,
    NULL AS integer_1
  FROM scan_0_values_0_count
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s1 AS integer_0,
    s2 AS integer_1
  FROM scan_0
), merged AS (
  SELECT
    period,
    d0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 1) AS s2
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period,
    merged.d0,
    CASE
      WHEN COALESCE(merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(merged.s0, 0)
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    COALESCE(merged.s2, 0) AS n0
  FROM (
    SELECT
      UNNEST(CAST($8 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($8 AS BOOLEAN[]), 1) AS period
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
WHERE
  r0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)
