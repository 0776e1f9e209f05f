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
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BIGINT>), CAST(:p12 AS ARRAY<BIGINT>))) AS (pos, z)
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
        WHEN UNIX_MICROS(f.`started_at`) < CAST(:p2 AS BIGINT)
        THEN 0
        WHEN (
          (
            (
              UNIX_MICROS(f.`started_at`) - CAST(:p2 AS BIGINT)
            ) DIV CAST(:p3 AS BIGINT)
          ) + 1
        ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
        THEN CAST(:p5 AS BIGINT)
        ELSE GET(
          CAST(:p4 AS ARRAY<BIGINT>),
          CAST((
            (
              (
                UNIX_MICROS(f.`started_at`) - CAST(:p2 AS BIGINT)
              ) DIV CAST(:p3 AS BIGINT)
            ) + 1
          ) - 1 AS INT)
        )
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN UNIX_MICROS(f.`ended_at`) < CAST(:p2 AS BIGINT)
          THEN 0
          WHEN (
            (
              (
                UNIX_MICROS(f.`ended_at`) - CAST(:p2 AS BIGINT)
              ) DIV CAST(:p3 AS BIGINT)
            ) + 1
          ) > SIZE(CAST(:p4 AS ARRAY<BIGINT>))
          THEN CAST(:p5 AS BIGINT)
          ELSE GET(
            CAST(:p4 AS ARRAY<BIGINT>),
            CAST((
              (
                (
                  UNIX_MICROS(f.`ended_at`) - CAST(:p2 AS BIGINT)
                ) DIV CAST(:p3 AS BIGINT)
              ) + 1
            ) - 1 AS INT)
          )
        END,
        CAST(:p6 AS BIGINT)
      ) AS ae_ends
    FROM `facts`.`subscription` AS f
    WHERE
      f.`client_id` = CAST(:p7 AS STRING) AND f.`started_at` < CAST(:p1 AS TIMESTAMP)
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f.`client_id` = CAST(:p7 AS STRING)
  GROUP BY
    e.period,
    f.`sub_id`
), scan_0 AS (
  SELECT
    period,
    SUM(CASE WHEN at_start = 1 AND at_end = 0 THEN 1 ELSE 0 END) AS s0,
    SUM(CASE WHEN at_start = 1 AND at_end = 1 THEN 1 ELSE 0 END) AS s1,
    SUM(CASE WHEN at_start = 0 AND at_end = 1 THEN 1 ELSE 0 END) AS s2,
    SUM(CASE WHEN at_start + at_end > 0 THEN 1 ELSE 0 END) AS s3,
    COUNT(*) AS s4
  FROM scan_0_things
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s3, 0) AS r0,
    COALESCE(scan_0.s4, 0) AS p0,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s1
    END AS t1,
    COALESCE(scan_0.s3, 0) AS r1,
    COALESCE(scan_0.s4, 0) AS p1,
    CASE
      WHEN COALESCE(scan_0.s3, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s2
    END AS t2,
    COALESCE(scan_0.s3, 0) AS r2,
    COALESCE(scan_0.s4, 0) AS p2
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
  t1 AS k1,
  t2 AS k2,
  t0 AS v0,
  r0,
  t1 AS v1,
  r1,
  t2 AS v2,
  r2
FROM terms
ORDER BY
  period ASC NULLS LAST
LIMIT CAST(CAST(:p9 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p10 AS BIGINT) AS INT)
