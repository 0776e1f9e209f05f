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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p29 AS ARRAY<BIGINT>), CAST(:p30 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), cut_1 AS (
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p31 AS ARRAY<BIGINT>), CAST(:p32 AS ARRAY<BIGINT>))) AS (pos, z)
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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p33 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0_things AS (
  SELECT
    e.period,
    MAX(
      CASE
        WHEN f.ae_begins < e.first_segment AND f.ae_ends >= e.first_segment
        THEN 1
        ELSE 0
      END
    ) AS at_start,
    MAX(
      CASE
        WHEN f.ae_begins < e.last_segment AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END
    ) AS at_end
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
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    e.period,
    f.`sub_id`
), scan_0 AS (
  SELECT
    period,
    SUM(CASE WHEN at_start = 1 AND at_end = 0 THEN 1 ELSE 0 END) AS s0,
    SUM(CASE WHEN at_start + at_end > 0 THEN 1 ELSE 0 END) AS s1,
    COUNT(*) AS s2
  FROM scan_0_things
  GROUP BY
    1
), scan_1_things AS (
  SELECT
    e.period,
    MAX(
      CASE
        WHEN f.ae_begins < e.first_segment AND f.ae_ends >= e.first_segment
        THEN 1
        ELSE 0
      END
    ) AS at_start,
    MAX(
      CASE
        WHEN f.ae_begins < e.last_segment AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END
    ) AS at_end
  FROM (
    SELECT
      f.*,
      CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p11 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`started_at`) - CAST(:p11 AS BIGINT)
            ) DIV CAST(:p12 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p13 AS ARRAY<BIGINT>))
        THEN CAST(:p14 AS BIGINT)
        ELSE GET(
          CAST(:p13 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`started_at`) - CAST(:p11 AS BIGINT)
              ) DIV CAST(:p12 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p11 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(f.`ended_at`) - CAST(:p11 AS BIGINT)
              ) DIV CAST(:p12 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p13 AS ARRAY<BIGINT>))
          THEN CAST(:p14 AS BIGINT)
          ELSE GET(
            CAST(:p13 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(f.`ended_at`) - CAST(:p11 AS BIGINT)
                ) DIV CAST(:p12 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END,
        CAST(:p15 AS BIGINT)
      ) AS ae_ends
    FROM `facts`.`subscription` AS f
    WHERE
      f.`client_id` = CAST(:p9 AS STRING) AND f.`started_at` < CAST(:p10 AS TIMESTAMP)
  ) AS f
  JOIN cut_1 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    e.period,
    f.`sub_id`
), scan_1 AS (
  SELECT
    period,
    SUM(CASE WHEN at_start = 1 AND at_end = 1 THEN 1 ELSE 0 END) AS s3,
    SUM(CASE WHEN at_start = 1 AND at_end = 0 THEN 1 ELSE 0 END) AS s4,
    SUM(CASE WHEN at_start + at_end > 0 THEN 1 ELSE 0 END) AS s5,
    COUNT(*) AS s6
  FROM scan_1_things
  GROUP BY
    1
), scan_2 AS (
  SELECT
    f.ae_begins,
    f.ae_ends,
    COUNT(*) AS a0,
    COUNT(*) AS a1
  FROM (
    SELECT
      f.*,
      CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p19 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`started_at`) - CAST(:p19 AS BIGINT)
            ) DIV CAST(:p20 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p21 AS ARRAY<BIGINT>))
        THEN CAST(:p22 AS BIGINT)
        ELSE GET(
          CAST(:p21 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`started_at`) - CAST(:p19 AS BIGINT)
              ) DIV CAST(:p20 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END + CASE
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p17 AS BIGINT)
        THEN 0
        ELSE CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p17 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`started_at`) >= CAST(:p18 AS BIGINT) THEN 1 ELSE 0 END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p19 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(f.`ended_at`) - CAST(:p19 AS BIGINT)
              ) DIV CAST(:p20 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p21 AS ARRAY<BIGINT>))
          THEN CAST(:p22 AS BIGINT)
          ELSE GET(
            CAST(:p21 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(f.`ended_at`) - CAST(:p19 AS BIGINT)
                ) DIV CAST(:p20 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END + CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p17 AS BIGINT)
          THEN 0
          ELSE CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p17 AS BIGINT) THEN 1 ELSE 0 END + CASE WHEN UNIX_MICROS(f.`ended_at`) >= CAST(:p18 AS BIGINT) THEN 1 ELSE 0 END
        END,
        CAST(:p23 AS BIGINT)
      ) AS ae_ends
    FROM `facts`.`subscription` AS f
    WHERE
      f.`client_id` = CAST(:p9 AS STRING) AND f.`started_at` < CAST(:p16 AS TIMESTAMP)
  ) AS f
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    1,
    2
), scan_2_0 AS (
  SELECT
    e.period,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s7,
    CAST(SUM(s.a1 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s8
  FROM scan_2 AS s
  JOIN cut_2 AS e
    ON s.ae_begins < e.last_segment
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
    COALESCE(scan_0.s2, 0) AS p0,
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s3
    END AS t1,
    COALESCE(scan_1.s5, 0) AS r1,
    COALESCE(scan_1.s6, 0) AS p1,
    CASE
      WHEN COALESCE(scan_2_0.s7, 0) = 0
      THEN CASE WHEN spine.covered_2 THEN 0 END
      ELSE scan_2_0.s7
    END AS t2,
    COALESCE(scan_2_0.s7, 0) AS r2,
    COALESCE(scan_2_0.s8, 0) AS p2,
    CASE
      WHEN COALESCE(scan_1.s5, 0) = 0
      THEN CASE WHEN spine.covered_1 THEN 0 END
      ELSE scan_1.s4
    END AS t3,
    COALESCE(scan_1.s5, 0) AS r3,
    COALESCE(scan_1.s6, 0) AS p3
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS covered_1,
      z.z.`2` AS covered_2,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(
          ARRAYS_ZIP(
            CAST(:p24 AS ARRAY<BOOLEAN>),
            CAST(:p25 AS ARRAY<BOOLEAN>),
            CAST(:p26 AS ARRAY<BOOLEAN>)
          )
        ) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
  LEFT JOIN scan_2_0
    ON scan_2_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  CAST(t1 AS DOUBLE) / NULLIF(CAST(t2 AS DOUBLE), 0) AS k1,
  CAST(t1 AS DOUBLE) / NULLIF(CAST((
    CAST(t1 AS DECIMAL(19, 0)) + t3
  ) AS DOUBLE), 0) AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  t3 AS v3,
  r3
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p27 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p28 AS BIGINT) AS INT)
