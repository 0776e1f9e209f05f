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
    COUNT(DISTINCT f."product_id") AS s0,
    COUNT(*) AS s1,
    COUNT(f."product_id") AS s2
  FROM "facts"."order_line" AS f
  LEFT JOIN "facts"."product" AS j1
    ON j1."client_id" = f."client_id" AND j1."product_id" = f."product_id"
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN EPOCH_US(f."booked_at") < CAST($2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            EPOCH_US(f."booked_at") - CAST($2 AS BIGINT)
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
            EPOCH_US(f."booked_at") - CAST($2 AS BIGINT)
          ) // CAST($3 AS BIGINT)
        ) + 1
      )
    END
  LEFT JOIN (
    SELECT
      f."product_id" AS k0,
      e.period AS k1,
      SUM(f."quantity") AS value,
      COUNT(*) AS children
    FROM (
      SELECT
        f.*,
        LEAD(f."taken_at") OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS ae_next
      FROM "facts"."stock" AS f
      WHERE
        f."client_id" = CAST($1 AS TEXT)
    ) AS f
    CROSS JOIN spans_0 AS e
    JOIN spans_0 AS p
      ON p.period = e.period
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."taken_at" < p.ends_at
      AND (
        f.ae_next IS NULL OR f.ae_next >= p.ends_at
      )
      AND f."taken_at" + TO_SECONDS(604800) >= p.ends_at
    GROUP BY
      1,
      2
  ) AS c0
    ON c0.k0 = j1."product_id" AND c0.k1 = e.period
  WHERE
    f."client_id" = CAST($1 AS TEXT)
    AND CAST(CASE WHEN c0.children IS NULL THEN 0 ELSE c0.value END AS BIGINT) > 5
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s0, 0)
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM (
    SELECT
      UNNEST(CAST($6 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($6 AS BOOLEAN[]), 1) AS period
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
), repeated_product AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM "facts"."product" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
    GROUP BY
      f."product_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0,
  (
    SELECT
      COUNT(*)
    FROM repeated_product
  ) AS repeated_product
FROM terms
ORDER BY
  period ASC
LIMIT CAST($7 AS BIGINT)
OFFSET CAST($8 AS BIGINT)
