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
), spans_0 AS (
  SELECT
    r.period,
    r.ends_at
  FROM (
    SELECT
      UNNEST(CAST($12 AS TIMESTAMPTZ[])) AS ends_at,
      GENERATE_SUBSCRIPTS(CAST($12 AS TIMESTAMPTZ[]), 1) AS period
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    COUNT(*) AS s0
  FROM "facts"."order" AS f
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
  JOIN spans_0 AS p
    ON p.period = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT) AND f."delivered_at" < p.ends_at
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
    COALESCE(scan_0.s0, 0) AS r0
  FROM (
    SELECT
      UNNEST(CAST($6 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($6 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
