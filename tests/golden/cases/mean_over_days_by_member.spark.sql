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
    f.`plan` AS d0,
    SUM(f.`fee` * CAST(1 AS DECIMAL(1, 0))) AS a0,
    COUNT(*) AS a1,
    COUNT(*) AS a2
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
    2,
    3
), a0_scan_0_0 AS (
  SELECT
    e.period,
    s.d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS DECIMAL(1, 0))) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS DECIMAL(1, 0))) AS BIGINT) AS s2
  FROM a0_scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), members AS (
  SELECT
    c.owner,
    c.d0
  FROM (
    SELECT
      o.owner,
      s.d0
    FROM a0_scan_0_0 AS s
    JOIN (
      SELECT
        z.z.`0` AS owner,
        z.pos + 1 AS period
      FROM (
        SELECT
          POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BIGINT>))) AS (pos, z)
      ) AS z
    ) AS o
      ON o.period = s.period
  ) AS c
  GROUP BY
    c.owner,
    c.d0
), a0_cells AS (
  SELECT
    period,
    d0,
    0 AS piece,
    s0 AS decimal_0,
    s1 AS integer_0,
    s2 AS integer_1
  FROM a0_scan_0_0
  UNION ALL
  SELECT
    o.period,
    m.d0,
    1 AS piece,
    CAST(NULL AS DECIMAL(1, 0)) AS decimal_0,
    CAST(NULL AS BIGINT) AS integer_0,
    CAST(NULL AS BIGINT) AS integer_1
  FROM (
    SELECT
      z.z.`0` AS owner,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p10 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS o
  JOIN members AS m
    ON o.owner = m.owner
), a0_merged AS (
  SELECT
    period,
    d0,
    MAX(decimal_0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(integer_0) FILTER(WHERE
      piece = 0) AS s1,
    MAX(integer_1) FILTER(WHERE
      piece = 0) AS s2
  FROM a0_cells
  GROUP BY
    period,
    d0
), a0_terms AS (
  SELECT
    spine.period,
    a0_merged.d0,
    CASE
      WHEN COALESCE(a0_merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE a0_merged.s0
    END AS t0,
    COALESCE(a0_merged.s1, 0) AS r0,
    COALESCE(a0_merged.s2, 0) AS p0,
    spine.owner
  FROM (
    SELECT
      z.z.`0` AS covered_0,
      z.z.`1` AS owner,
      z.pos + 1 AS period
    FROM (
      SELECT
        POSEXPLODE(ARRAYS_ZIP(CAST(:p11 AS ARRAY<BOOLEAN>), CAST(:p10 AS ARRAY<BIGINT>))) AS (pos, z)
    ) AS z
  ) AS spine
  JOIN a0_merged
    ON a0_merged.period = spine.period
), a0_days AS (
  SELECT
    owner,
    d0,
    t0 AS value,
    p0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    d0,
    CASE
      WHEN COUNT(*) = COUNT(value)
      THEN CAST(SUM(value * CAST(1 AS DECIMAL(1, 0))) AS DOUBLE) / NULLIF(CAST(COUNT(value) AS DOUBLE), 0)
    END AS m0,
    CAST(SUM(present) AS BIGINT) AS m0_rows
  FROM a0_days
  GROUP BY
    owner,
    d0
), terms AS (
  SELECT
    spine.period,
    a0_mean.d0,
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
  JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  d0,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
WHERE
  m0_rows > 0
ORDER BY
  period ASC NULLS LAST,
  d0 ASC NULLS LAST
LIMIT CAST(CAST(:p13 AS BIGINT) AS INT)
OFFSET CAST(CAST(:p14 AS BIGINT) AS INT)
