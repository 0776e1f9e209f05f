WITH scan_0_fine AS (
  SELECT
    (
      (
        CAST(UNIX_DATE(f.`issued_on`) AS BIGINT) - CAST(:p1 AS BIGINT)
      ) DIV CAST(:p2 AS BIGINT)
    ) + 1 AS cell,
    SUM(
      (
        f.`amount` * CASE WHEN f.`currency` = CAST(:p6 AS STRING) THEN 1 ELSE x0.`rate` END
      ) * CAST(1 AS DECIMAL(1, 0))
    ) AS s0,
    COUNT(*) AS s1,
    COUNT(
      f.`amount` * CASE WHEN f.`currency` = CAST(:p6 AS STRING) THEN 1 ELSE x0.`rate` END
    ) AS s2
  FROM `facts`.`invoice` AS f
  LEFT JOIN (
    SELECT
      f.*,
      LEAD(f.`quoted_on`) OVER (PARTITION BY f.`from_currency` ORDER BY f.`quoted_on` NULLS LAST) AS ae_next
    FROM `facts`.`fx_rate` AS f
    WHERE
      f.`client_id` = CAST(:p3 AS STRING) AND f.`to_currency` = CAST(:p6 AS STRING)
  ) AS x0
    ON x0.`from_currency` = f.`currency`
    AND x0.`quoted_on` <= f.`issued_on`
    AND (
      x0.ae_next IS NULL OR f.`issued_on` < x0.ae_next
    )
    AND DATE_ADD(x0.`quoted_on`, 7) >= f.`issued_on`
  WHERE
    f.`client_id` = CAST(:p3 AS STRING)
    AND f.`issued_on` >= CAST(:p4 AS DATE)
    AND f.`issued_on` < CAST(:p5 AS DATE)
  GROUP BY
    1
), scan_0 AS (
  SELECT
    GET(CAST(:p7 AS ARRAY<BIGINT>), CAST(cell - 1 AS INT)) AS period,
    SUM(s0 * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(s1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
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
    COALESCE(scan_0.s1, 0) AS r0,
    COALESCE(scan_0.s2, 0) AS n0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p8 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p9 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p10 AS BIGINT) AS INT)
