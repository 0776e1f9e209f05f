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
), spans_0 AS (
  SELECT
    r.period,
    r.starts_at
  FROM (
    SELECT
      z.z.`0` AS starts_at,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p14 AS ARRAY<TIMESTAMP>))) AS (pos, z)
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    e.period,
    PERCENTILE(
      CAST(CASE WHEN f.ae_ends >= e.last_segment THEN f.`fee` END AS DOUBLE),
      CAST(0.5 AS DOUBLE)
    ) AS s0,
    COUNT(DISTINCT f.`plan`) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s1,
    SUM(f.`fee` * CAST(1 AS DECIMAL(1, 0))) FILTER(WHERE
      f.`started_at` < p.starts_at AND f.ae_ends >= e.last_segment) AS s2,
    COUNT(*) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s3,
    COUNT(*) AS s4,
    COUNT(f.`fee`) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s5,
    COUNT(f.`plan`) FILTER(WHERE
      f.ae_ends >= e.last_segment) AS s6,
    COUNT(*) FILTER(WHERE
      f.`started_at` < p.starts_at AND f.ae_ends >= e.last_segment) AS s7,
    COUNT(*) FILTER(WHERE
      f.`started_at` < p.starts_at) AS s8,
    COUNT(f.`fee`) FILTER(WHERE
      f.`started_at` < p.starts_at AND f.ae_ends >= e.last_segment) AS s9
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
  JOIN spans_0 AS p
    ON p.period = e.period
  WHERE
    f.`client_id` = CAST(:p9 AS STRING)
  GROUP BY
    1
), scan_1_rows AS (
  SELECT
    e.period,
    f.`fee` AS value,
    CASE WHEN f.ae_ends >= e.last_segment THEN 1 ELSE 0 END AS there,
    ROW_NUMBER() OVER (
      PARTITION BY e.period
      ORDER BY CASE
        WHEN NOT (
          f.`fee`
        ) IS NULL AND f.ae_ends >= e.last_segment
        THEN 1
        ELSE 0
      END DESC, f.`started_at` ASC NULLS LAST, f.`sub_id` ASC NULLS LAST, f.`started_at` ASC NULLS LAST
    ) AS place
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
), scan_1 AS (
  SELECT
    period,
    MAX(value) FILTER(WHERE
      place = 1 AND there = 1) AS s10,
    COUNT(*) FILTER(WHERE
      there = 1) AS s11,
    COUNT(*) AS s12
  FROM scan_1_rows
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    scan_0.s0 AS t0,
    COALESCE(scan_0.s3, 0) AS r0,
    COALESCE(scan_0.s4, 0) AS p0,
    COALESCE(scan_0.s5, 0) AS n0,
    scan_1.s10 AS t1,
    COALESCE(scan_1.s11, 0) AS r1,
    COALESCE(scan_1.s12, 0) AS p1,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE COALESCE(scan_0.s1, 0)
    END AS t2,
    COALESCE(scan_0.s3, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS p2,
    COALESCE(scan_0.s6, 0) AS n2,
    CASE
      WHEN COALESCE(scan_0.s7, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t3,
    COALESCE(scan_0.s7, 0) AS r3,
    COALESCE(scan_0.s8, 0) AS p3,
    COALESCE(scan_0.s9, 0) AS n3
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BOOLEAN>))) AS (pos, z)
    ) AS z
  ) AS spine
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
  LEFT JOIN scan_1
    ON scan_1.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t1 AS k1,
  t2 AS k2,
  t3 AS k3,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2,
  n2,
  t3 AS v3,
  r3,
  n3
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p11 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p12 AS BIGINT) AS INT)
