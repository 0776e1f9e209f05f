WITH cut_0 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      z.z.`0` AS last_segment,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p13 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    j1.`name` AS d0,
    SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f.`quantity`) AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN UNIX_MICROS(f.`taken_at`) < CAST(:p4 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`taken_at`) - CAST(:p4 AS BIGINT)
            ) DIV CAST(:p5 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p6 AS ARRAY<BIGINT>))
        THEN CAST(:p7 AS BIGINT)
        ELSE GET(
          CAST(:p6 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`taken_at`) - CAST(:p4 AS BIGINT)
              ) DIV CAST(:p5 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END + CASE
        WHEN UNIX_MICROS(f.`taken_at`) < CAST(:p2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN UNIX_MICROS(f.`taken_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`taken_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      LEAST(
        COALESCE(
          CASE
            WHEN UNIX_MICROS(
              LEAD(f.`taken_at`) OVER (PARTITION BY f.`product_id`, f.`warehouse_id` ORDER BY f.`taken_at` NULLS LAST)
            ) < CAST(:p4 AS BIGINT)
            THEN 0
            WHEN (
              (
                (
                  UNIX_MICROS(
                    LEAD(f.`taken_at`) OVER (PARTITION BY f.`product_id`, f.`warehouse_id` ORDER BY f.`taken_at` NULLS LAST)
                  ) - CAST(:p4 AS BIGINT)
                ) DIV CAST(:p5 AS BIGINT)
              ) + 1
            ) > SIZE(CAST(:p6 AS ARRAY<BIGINT>))
            THEN CAST(:p7 AS BIGINT)
            ELSE GET(
              CAST(:p6 AS ARRAY<BIGINT>),
              CAST((
                (
                  (
                    UNIX_MICROS(
                      LEAD(f.`taken_at`) OVER (PARTITION BY f.`product_id`, f.`warehouse_id` ORDER BY f.`taken_at` NULLS LAST)
                    ) - CAST(:p4 AS BIGINT)
                  ) DIV CAST(:p5 AS BIGINT)
                ) + 1
              ) - 1 AS INT)
            )
          END + CASE
            WHEN UNIX_MICROS(
              LEAD(f.`taken_at`) OVER (PARTITION BY f.`product_id`, f.`warehouse_id` ORDER BY f.`taken_at` NULLS LAST)
            ) < CAST(:p2 AS BIGINT)
            THEN 0
            ELSE CASE
              WHEN UNIX_MICROS(
                LEAD(f.`taken_at`) OVER (PARTITION BY f.`product_id`, f.`warehouse_id` ORDER BY f.`taken_at` NULLS LAST)
              ) >= CAST(:p2 AS BIGINT)
              THEN 1
              ELSE 0
            END + CASE
              WHEN UNIX_MICROS(
                LEAD(f.`taken_at`) OVER (PARTITION BY f.`product_id`, f.`warehouse_id` ORDER BY f.`taken_at` NULLS LAST)
              ) >= CAST(:p3 AS BIGINT)
              THEN 1
              ELSE 0
            END
          END,
          CAST(:p8 AS BIGINT)
        ),
        CASE
          WHEN UNIX_MICROS(TIMESTAMP_MICROS(UNIX_MICROS(f.`taken_at`) + 604800000000)) < CAST(:p4 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(TIMESTAMP_MICROS(UNIX_MICROS(f.`taken_at`) + 604800000000)) - CAST(:p4 AS BIGINT)
              ) DIV CAST(:p5 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p6 AS ARRAY<BIGINT>))
          THEN CAST(:p7 AS BIGINT)
          ELSE GET(
            CAST(:p6 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(TIMESTAMP_MICROS(UNIX_MICROS(f.`taken_at`) + 604800000000)) - CAST(:p4 AS BIGINT)
                ) DIV CAST(:p5 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END + CASE
          WHEN UNIX_MICROS(TIMESTAMP_MICROS(UNIX_MICROS(f.`taken_at`) + 604800000000)) < CAST(:p2 AS BIGINT)
          THEN 0
          ELSE CASE
            WHEN UNIX_MICROS(TIMESTAMP_MICROS(UNIX_MICROS(f.`taken_at`) + 604800000000)) >= CAST(:p2 AS BIGINT)
            THEN 1
            ELSE 0
          END + CASE
            WHEN UNIX_MICROS(TIMESTAMP_MICROS(UNIX_MICROS(f.`taken_at`) + 604800000000)) >= CAST(:p3 AS BIGINT)
            THEN 1
            ELSE 0
          END
        END
      ) AS ae_ends
    FROM `facts`.`stock` AS f
    WHERE
      f.`client_id` = CAST(:p9 AS STRING) AND f.`taken_at` < CAST(:p1 AS TIMESTAMP)
  ) AS f
  LEFT JOIN `facts`.`warehouse` AS j1
    ON j1.`client_id` = f.`client_id` AND j1.`warehouse_id` = f.`warehouse_id`
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    1,
    2,
    3
), scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), terms AS (
  SELECT
    spine.period,
    scan_0_0.d0,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 AND COALESCE(scan_0_0.s1, 0) > 0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS p0,
    COALESCE(scan_0_0.s3, 0) AS n0
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN scan_0_0
    ON scan_0_0.period = spine.period
), repeated_warehouse AS (
  SELECT
    k.times
  FROM (
    SELECT
      COUNT(*) AS times
    FROM `facts`.`warehouse` AS f
    WHERE
      f.`client_id` = CAST(:p9 AS STRING)
    GROUP BY
      f.`warehouse_id`
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
  n0,
  (
    SELECT
      COUNT(*)
    FROM repeated_warehouse
  ) AS repeated_warehouse
FROM terms
WHERE
  p0 > 0
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p11 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p12 AS BIGINT) AS INT)
