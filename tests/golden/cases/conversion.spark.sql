WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`visited_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    COUNT(*) FILTER(WHERE
      COALESCE(c0.value, 0) = 1) AS s0,
    COUNT(*) AS s1
  FROM `facts`.`visit` AS f
  LEFT JOIN (
    SELECT
      q.`visit_id` AS k0,
      MAX(1) AS value
    FROM `facts`.`purchase` AS f
    JOIN `facts`.`visit` AS q
      ON q.`client_id` = f.`client_id`
      AND q.`customer_id` = f.`customer_id`
      AND f.`purchased_at` >= q.`visited_at`
      AND f.`purchased_at` < TIMESTAMP_MICROS(UNIX_MICROS(q.`visited_at`) + 604800000000)
    WHERE
      f.`client_id` = CAST(:p3 AS STRING)
    GROUP BY
      1
  ) AS c0
    ON c0.k0 = f.`visit_id`
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`visited_at` >= CAST(:p4 AS TIMESTAMP)
    AND f.`visited_at` < CAST(:p5 AS TIMESTAMP)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    CAST(SUM(s0 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s0,
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1
  FROM scan_0_fine
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
    COALESCE(scan_0.s1, 0) AS r1
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  CAST(t0 AS DOUBLE) / NULLIF(CAST(t1 AS DOUBLE), 0) AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
