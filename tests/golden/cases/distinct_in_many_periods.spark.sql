WITH scan_0_fine AS (
  SELECT
    (
      (
        UNIX_MICROS(f.`ordered_at`) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    f.`cancelled` AS d0,
    COUNT(*) AS s1,
    COUNT(f.`customer_id`) AS s2
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`ordered_at` >= CAST(:p4 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p5 AS TIMESTAMP)
  GROUP BY
    1,
    2
), scan_0 AS (
  SELECT
    GET(CAST(:p6 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    d0,
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
  FROM scan_0_fine
  GROUP BY
    1,
    2
), scan_0_whole AS (
  SELECT
    GET(
      CAST(:p6 AS ARRAY<BIGINT>),
      CAST((
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p1 AS BIGINT)
          ) DIV CAST(:p2 AS BIGINT)
        ) + 1
      ) - 1 AS INT)
    ) AS period,
    f.`cancelled` AS d0,
    COUNT(DISTINCT f.`customer_id`) AS s0
  FROM `facts`.`order` AS f
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`ordered_at` >= CAST(:p4 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p5 AS TIMESTAMP)
  GROUP BY
    1,
    2
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s1 AS integer_0,
    s2 AS integer_1
  FROM scan_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s0 AS integer_0,
    CAST(NULL AS BIGINT) AS integer_1
  FROM scan_0_whole
), merged AS (
  SELECT
    period,
    d0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s0
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
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
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
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
