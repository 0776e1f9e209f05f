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
    SUM(f.`fee` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    MAX(f.`fee`) AS a1,
    COUNT(*) AS a2,
    COUNT(*) AS a3,
    COUNT(f.`fee`) AS a4
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
    MAX(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END) AS s1,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a2 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2,
    CAST(SUM(s.a3 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s3,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a4 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s4
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), scan_1 AS (
  SELECT
    e.period,
    COUNT(DISTINCT f.`customer_id`) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s5,
    COUNT(*) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s6,
    COUNT(*) AS s7,
    COUNT(f.`customer_id`) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s8
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
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0_0.s2, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s2, 0) AS r0,
    COALESCE(scan_0_0.s3, 0) AS p0,
    COALESCE(scan_0_0.s4, 0) AS n0,
    CASE
      WHEN COALESCE(scan_1.s6, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_1.s5, 0)
    END AS t1,
    COALESCE(scan_1.s6, 0) AS r1,
    COALESCE(scan_1.s7, 0) AS p1,
    COALESCE(scan_1.s8, 0) AS n1,
    scan_0_0.s1 AS t2,
    COALESCE(scan_0_0.s2, 0) AS r2,
    COALESCE(scan_0_0.s3, 0) AS p2,
    COALESCE(scan_0_0.s4, 0) AS n2
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0_0
    ON scan_0_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
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
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p11 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p12 AS BIGINT) AS INT)
