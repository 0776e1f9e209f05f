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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p23 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), cut_1 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      z.z.`0` AS last_segment,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p24 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), a0_scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    SUM(f.`fee` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2
  FROM (
    SELECT
      f.*,
      CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p13 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`started_at`) - CAST(:p13 AS BIGINT)
            ) DIV CAST(:p14 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p15 AS ARRAY<BIGINT>))
        THEN CAST(:p16 AS BIGINT)
        ELSE GET(
          CAST(:p15 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`started_at`) - CAST(:p13 AS BIGINT)
              ) DIV CAST(:p14 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END + CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p11 AS BIGINT)
        THEN 0
        ELSE CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p11 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p12 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p13 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(f.`ended_at`) - CAST(:p13 AS BIGINT)
              ) DIV CAST(:p14 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p15 AS ARRAY<BIGINT>))
          THEN CAST(:p16 AS BIGINT)
          ELSE GET(
            CAST(:p15 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(f.`ended_at`) - CAST(:p13 AS BIGINT)
                ) DIV CAST(:p14 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END + CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p11 AS BIGINT)
          THEN 0
          ELSE CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p11 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p12 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST(:p17 AS BIGINT)
      ) AS ae_ends
    FROM `facts`.`subscription` AS f
    WHERE
      f.`client_id` = CAST(:p9 AS STRING) AND f.`started_at` < CAST(:p10 AS TIMESTAMP)
  ) AS f
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    1,
    2
), a0_scan_0_0 AS (
  SELECT
    e.period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS s4,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s5,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s6
  FROM a0_scan_0 AS s
  JOIN cut_1 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    SUM(f.`fee` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f.`fee`) AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p4 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`started_at`) - CAST(:p4 AS BIGINT)
            ) DIV CAST(:p5 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p6 AS ARRAY<BIGINT>))
        THEN CAST(:p7 AS BIGINT)
        ELSE GET(
          CAST(:p6 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`started_at`) - CAST(:p4 AS BIGINT)
              ) DIV CAST(:p5 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END + CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p4 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(f.`ended_at`) - CAST(:p4 AS BIGINT)
              ) DIV CAST(:p5 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p6 AS ARRAY<BIGINT>))
          THEN CAST(:p7 AS BIGINT)
          ELSE GET(
            CAST(:p6 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(f.`ended_at`) - CAST(:p4 AS BIGINT)
                ) DIV CAST(:p5 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END + CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p2 AS BIGINT)
          THEN 0
          ELSE CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST(:p8 AS BIGINT)
      ) AS ae_ends
    FROM `facts`.`subscription` AS f
    WHERE
      f.`client_id` = CAST(:p9 AS STRING) AND f.`started_at` < CAST(:p1 AS TIMESTAMP)
  ) AS f
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    1,
    2
), scan_0_0 AS (
  SELECT
    e.period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), a0_terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(a0_scan_0_0.s5, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE a0_scan_0_0.s4
    END AS t0,
    COALESCE(a0_scan_0_0.s5, 0) AS r0,
    COALESCE(a0_scan_0_0.s6, 0) AS p0,
    spine.owner
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS owner,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p18 AS ARRAY<BOOLEAN>), CAST(:p19 AS ARRAY<BIGINT>))) AS (pos, z)
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
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS p0,
    COALESCE(scan_0_0.s3, 0) AS n0,
    a0_mean.m0,
    a0_mean.m0_rows
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p20 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  m0 AS k0,
  CAST(m0 AS DOUBLE) / NULLIF(CAST(t0 AS DOUBLE), 0) AS k1,
  t0 AS v0,
  r0,
  n0,
  m0 AS v1,
  COALESCE(m0_rows, 0) AS r1
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p21 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p22 AS BIGINT) AS INT)
