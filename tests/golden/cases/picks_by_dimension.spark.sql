WITH cut_0 AS (
  SELECT
    r.period,
    r.first_segment,
    r.last_segment
  FROM (
    SELECT
      z.z.`0` AS first_segment,
      z.z.`1` AS last_segment,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p9 AS ARRAY<BIGINT>), CAST(:p10 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), pairs_0 AS (
  SELECT
    c.period,
    s.segment
  FROM (
    SELECT
      z.z.`0` AS segment,
      z.pos + 1 AS position
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    f.`store` AS d0,
    f.`amount` AS value,
    1 AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period, f.`store`, f.`customer_id`
      ORDER BY CASE WHEN NOT (
        f.`amount`
      ) IS NULL THEN 1 ELSE 0 END DESC, f.`sold_on` DESC, f.`sale_id` DESC
    ) AS place
  FROM `facts`.`sale` AS f
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              CAST(UNIX_DATE(f.`sold_on`) AS BIGINT) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
), scan_0 AS (
  SELECT
    period,
    d0,
    SUM(value * CAST(1 AS DECIMAL(1, 0))) FILTER(WHERE
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
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p6 AS ARRAY<BOOLEAN>))) AS (pos, z)
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
LIMIT CAST(CAST(:p7 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p8 AS BIGINT) AS INT)
