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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BIGINT>), CAST(:p11 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p12 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS s
  JOIN cut_0 AS c
    ON s.segment >= c.first_segment AND s.segment < c.last_segment
), scan_0_rows AS (
  SELECT
    e.period,
    j1.`segment` AS d0,
    f.`customer_id` AS value,
    COUNT(*) AS counted,
    COUNT(*) AS h0
  FROM `facts`.`order` AS f
  LEFT JOIN `facts`.`customer` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`customer_id` = f.`customer_id`
  JOIN pairs_0 AS e
    ON e.segment = CASE
      WHEN UNIX_MICROS(f.`ordered_at`) < CAST(:p2 AS BIGINT)
      THEN 0
      WHEN (
        (
          (
            UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
          ) DIV CAST(:p3 AS BIGINT)
        ) + 1
      ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
      THEN CAST(:p5 AS BIGINT)
      ELSE GET(
        CAST(:p4 AS ARRAY<BIGINT>),
        CAST((
          (
            (
              UNIX_MICROS(f.`ordered_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) - 1 AS INT)
      )
    END
  WHERE
    f.`client_id` = CAST(:p1 AS STRING)
  GROUP BY
    1,
    2,
    3
), scan_0 AS (
  SELECT
    period,
    d0,
    CAST(SUM(
      CASE WHEN NOT value IS NULL AND (
        h0 >= CAST(:p6 AS BIGINT)
      ) THEN 1 ELSE 0 END
    ) AS BIGINT) AS s0,
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
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p7 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN scan_0
    ON scan_0.period = spine.period
), repeated_customer AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`customer` AS f
    WHERE
      f.`client_id` = CAST(:p1 AS STRING)
    GROUP BY
      f.`customer_id`
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
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p8 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p9 AS BIGINT) AS INT)
