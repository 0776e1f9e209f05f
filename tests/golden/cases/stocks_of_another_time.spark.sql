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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p24 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p25 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), cut_2 AS (
  SELECT
    r.period,
    r.last_segment
  FROM (
    SELECT
      z.z.`0` AS last_segment,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p26 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    f.`plan` AS d0,
    SUM(f.`fee` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2,
    COUNT(f.`fee`) AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p6 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`started_at`) - CAST(:p6 AS BIGINT)
            ) DIV CAST(:p7 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p8 AS ARRAY<BIGINT>))
        THEN CAST(:p9 AS BIGINT)
        ELSE GET(
          CAST(:p8 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`started_at`) - CAST(:p6 AS BIGINT)
              ) DIV CAST(:p7 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END + CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p2 AS BIGINT)
        THEN 0
        ELSE CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p5 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p6 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(f.`ended_at`) - CAST(:p6 AS BIGINT)
              ) DIV CAST(:p7 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p8 AS ARRAY<BIGINT>))
          THEN CAST(:p9 AS BIGINT)
          ELSE GET(
            CAST(:p8 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(f.`ended_at`) - CAST(:p6 AS BIGINT)
                ) DIV CAST(:p7 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END + CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p2 AS BIGINT)
          THEN 0
          ELSE CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p2 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p3 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p4 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p5 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST(:p10 AS BIGINT)
      ) AS ae_ends
    FROM `facts`.`subscription` AS f
    WHERE
      f.`client_id` = CAST(:p11 AS STRING) AND f.`started_at` < CAST(:p1 AS TIMESTAMP)
  ) AS f
  WHERE
    f.`client_id` = CAST(:p11 AS STRING)
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
), scan_0_1 AS (
  SELECT
    e.period,
    s.d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS s4,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s5,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s6,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s7
  FROM scan_0 AS s
  JOIN cut_1 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), scan_1 AS (
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
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p15 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`started_at`) - CAST(:p15 AS BIGINT)
            ) DIV CAST(:p16 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p17 AS ARRAY<BIGINT>))
        THEN CAST(:p18 AS BIGINT)
        ELSE GET(
          CAST(:p17 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`started_at`) - CAST(:p15 AS BIGINT)
              ) DIV CAST(:p16 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END + CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p13 AS BIGINT)
        THEN 0
        ELSE CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p13 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p14 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p15 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(f.`ended_at`) - CAST(:p15 AS BIGINT)
              ) DIV CAST(:p16 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p17 AS ARRAY<BIGINT>))
          THEN CAST(:p18 AS BIGINT)
          ELSE GET(
            CAST(:p17 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(f.`ended_at`) - CAST(:p15 AS BIGINT)
                ) DIV CAST(:p16 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END + CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p13 AS BIGINT)
          THEN 0
          ELSE CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p13 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p14 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST(:p19 AS BIGINT)
      ) AS ae_ends
    FROM `facts`.`subscription` AS f
    WHERE
      f.`client_id` = CAST(:p11 AS STRING) AND f.`started_at` < CAST(:p12 AS TIMESTAMP)
  ) AS f
  WHERE
    f.`client_id` = CAST(:p11 AS STRING)
  GROUP BY
    1,
    2
), scan_1_0 AS (
  SELECT
    e.period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS s8,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s9,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s10,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s11
  FROM scan_1 AS s
  JOIN cut_2 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS decimal_0,
    s1 AS integer_0,
    s2 AS integer_1,
    s3 AS integer_2
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    s4 AS decimal_0,
    s5 AS integer_0,
    s6 AS integer_1,
    s7 AS integer_2
  FROM scan_0_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(decimal_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2,
    MAX(integer_2) FILTER(WHERE
      piece = 0) AS s3,
    MAX(decimal_0) FILTER(WHERE
      piece = 1) AS s4,
    MAX(integer_0) FILTER(WHERE
      piece = 1) AS s5,
    MAX(integer_1) FILTER(WHERE
      piece = 1) AS s6,
    MAX(integer_2) FILTER(WHERE
      piece = 1) AS s7
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
      ELSE merged.s0
    END AS t0,
    COALESCE(merged.s1, 0) AS r0,
    COALESCE(merged.s2, 0) AS p0,
    COALESCE(merged.s3, 0) AS n0,
    CASE
      WHEN COALESCE(merged.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE merged.s4
    END AS t1,
    COALESCE(merged.s5, 0) AS r1,
    COALESCE(merged.s6, 0) AS p1,
    COALESCE(merged.s7, 0) AS n1,
    CASE
      WHEN COALESCE(scan_1_0.s9, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1_0.s8
    END AS t2,
    COALESCE(scan_1_0.s9, 0) AS r2,
    COALESCE(scan_1_0.s10, 0) AS p2,
    COALESCE(scan_1_0.s11, 0) AS n2
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p20 AS ARRAY<BOOLEAN>), CAST(:p21 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN merged
    ON merged.period = spine.period
  LEFT JOIN scan_1_0
    ON scan_1_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  CASE
    WHEN t0 > 0
    THEN CAST((
      t1 - t0
    ) AS DOUBLE) / NULLIF(CAST(t0 AS DOUBLE), 0)
  END AS k1,
  CAST(t1 AS DOUBLE) / NULLIF(CAST(t2 AS DOUBLE), 0) AS k2,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  n1,
  t2 AS v2,
  r2,
  n2
FROM terms
WHERE
  (
    p0 > 0 OR p1 > 0
  )
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p22 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p23 AS BIGINT) AS INT)
