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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p15 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), a0_scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    SUM(f.`quantity` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2
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
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    1,
    2
), a0_scan_0_0 AS (
  SELECT
    e.period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
  FROM a0_scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), a0_terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(a0_scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 AND COALESCE(a0_scan_0_0.s1, 0) > 0 THEN 0 END
      ELSE a0_scan_0_0.s0
    END AS t0,
    COALESCE(a0_scan_0_0.s1, 0) AS r0,
    COALESCE(a0_scan_0_0.s2, 0) AS p0,
    spine.owner
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS owner,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BOOLEAN>), CAST(:p11 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN a0_scan_0_0
    ON a0_scan_0_0.period = spine.period
), a0_days AS (
  SELECT
    owner,
    t0 AS value,
    p0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    CASE
      WHEN COUNT(*) = COUNT(value)
      THEN CAST(SUM(value * CAST(1 AS DECIMAL(1, 0))) AS DOUBLE) / NULLIF(CAST(COUNT(value) AS DOUBLE), 0)
    END AS m0,
    CAST(SUM(present) AS BIGINT) AS m0_rows
  FROM a0_days
  GROUP BY
    owner
), terms AS (
  SELECT
    spine.period,
    a0_mean.m0,
    a0_mean.m0_rows
  FROM (
    SELECT
      z.z.`0` AS owner,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p12 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p13 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p14 AS BIGINT) AS INT)
