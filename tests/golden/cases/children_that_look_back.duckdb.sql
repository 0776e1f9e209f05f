WITH scan_0_fine AS (
  SELECT
    CASE
      WHEN EPOCH_US(f."booked_at") < CAST($3 AS BIGINT)
      THEN 0
      ELSE (
        (
          EPOCH_US(f."booked_at") - CAST($3 AS BIGINT)
        ) // CAST($4 AS BIGINT)
      ) + 1
    END * 3 + (
      CASE WHEN EPOCH_US(f."booked_at") >= CAST($1 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN EPOCH_US(f."booked_at") >= CAST($2 AS BIGINT) THEN 1 ELSE 0 END
    ) AS cell,
    SUM(COALESCE(c0.value, 0)) AS s0,
    COUNT(*) AS s1
  FROM "facts"."order_line" AS f
  LEFT JOIN (
    SELECT
      f."line_id" AS k0,
      COUNT(*) AS value
    FROM "facts"."shipment" AS f
    LEFT JOIN "facts"."order_line" AS j1
      ON j1."client_id" = f."client_id" AND j1."line_id" = f."line_id"
    LEFT JOIN "facts"."order" AS j2
      ON j2."client_id" = f."client_id" AND j2."order_id" = j1."order_id"
    WHERE
      f."client_id" = CAST($5 AS TEXT) AND f."shipped_at" <= j2."delivered_at"
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f."line_id"
  WHERE
    f."client_id" = CAST($5 AS TEXT)
    AND f."booked_at" >= CAST($6 AS TIMESTAMPTZ)
    AND f."booked_at" < CAST($7 AS TIMESTAMPTZ)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    CASE
      WHEN (
        cell // 3
      ) < 1
      THEN 0
      WHEN (
        cell // 3
      ) > LEN(CAST($8 AS BIGINT[]))
      THEN CAST($9 AS BIGINT)
      ELSE LIST_EXTRACT((
        SELECT
          CAST($8 AS BIGINT[])
      ), cell // 3)
    END + cell % 3 AS period,
    SUM(s0) AS s0,
    CAST(SUM(s1) AS BIGINT) AS s1
  FROM scan_0_fine
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s1, 0) AS r0
  FROM (
    SELECT
      UNNEST(CAST($10 AS BOOLEAN[])) AS covered_0,
      GENERATE_SUBSCRIPTS(CAST($10 AS BOOLEAN[]), 1) AS period
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
LIMIT CAST($11 AS BIGINT)
OFFSET CAST($12 AS BIGINT)
