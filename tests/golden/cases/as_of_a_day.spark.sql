WITH scan_0 AS (
  SELECT
    CAST(1 AS INT) AS period,
    j1.`tier` AS d0,
    COUNT(*) AS s0
  FROM `facts`.`order` AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(f.`since`) OVER (PARTITION BY f.`customer_id` ORDER BY f.`since` NULLS LAST) AS ae_next
    FROM `facts`.`customer_version` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
  ) AS j1
    ON j1.`client_id` = f.`client_id`
    AND j1.`customer_id` = f.`customer_id`
    AND j1.`since` <= CAST(FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING)) AS DATE)
    AND (
      j1.`until` IS NULL
      OR CAST(FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING)) AS DATE) < j1.`until`
    )
    AND (
      j1.ae_next IS NULL
      OR CAST(FROM_UTC_TIMESTAMP(f.`ordered_at`, CAST(:p4 AS STRING)) AS DATE) < j1.ae_next
    )
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
    AND f.`ordered_at` >= CAST(:p2 AS TIMESTAMP)
    AND f.`ordered_at` < CAST(:p3 AS TIMESTAMP)
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0.d0,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p5 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
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
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p6 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p7 AS BIGINT) AS INT)
