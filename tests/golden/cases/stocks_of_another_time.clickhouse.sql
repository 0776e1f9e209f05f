WITH cut_0 AS (
  SELECT
    r.period AS period,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS last_segment,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p24: Array(Int64)}, arrayEnumerate({p24: Array(Int64)}))) AS z
    ) AS z
  ) AS r
), cut_1 AS (
  SELECT
    r.period AS period,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS last_segment,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p25: Array(Int64)}, arrayEnumerate({p25: Array(Int64)}))) AS z
    ) AS z
  ) AS r
), cut_2 AS (
  SELECT
    r.period AS period,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS last_segment,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p26: Array(Int64)}, arrayEnumerate({p26: Array(Int64)}))) AS z
    ) AS z
  ) AS r
), scan_0 AS (
  SELECT
    f.ae_begins AS ae_begins,
    f.ae_ends AS ae_ends,
    f."plan" AS d0,
    SUM(f."fee" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(*) AS Int64) AS a2,
    CAST(COUNT(f."fee") AS Int64) AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p6: Int64}
        THEN 0
        WHEN (
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p6: Int64}
            ),
            {p7: Int64}
          ) + 1
        ) > length({p8: Array(Int64)})
        THEN {p9: Int64}
        ELSE arrayElement(
          {p8: Array(Int64)},
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p6: Int64}
            ),
            {p7: Int64}
          ) + 1
        )
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
        THEN 0
        ELSE CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
          THEN 1
          ELSE 0
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
          THEN 1
          ELSE 0
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p4: Int64}
          THEN 1
          ELSE 0
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p5: Int64}
          THEN 1
          ELSE 0
        END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p6: Int64}
          THEN 0
          WHEN (
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p6: Int64}
              ),
              {p7: Int64}
            ) + 1
          ) > length({p8: Array(Int64)})
          THEN {p9: Int64}
          ELSE arrayElement(
            {p8: Array(Int64)},
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p6: Int64}
              ),
              {p7: Int64}
            ) + 1
          )
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
          THEN 0
          ELSE CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
            THEN 1
            ELSE 0
          END + CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
            THEN 1
            ELSE 0
          END + CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p4: Int64}
            THEN 1
            ELSE 0
          END + CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p5: Int64}
            THEN 1
            ELSE 0
          END
        END,
        {p10: Int64}
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = {p11: String} AND f."started_at" < {p1: DateTime64(6, 'UTC')}
  ) AS f
  WHERE
    f."client_id" = {p11: String}
  GROUP BY
    1,
    2,
    3
), scan_0_0 AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s3
  FROM scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), scan_0_1 AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS Decimal(76, 0))) AS s4,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s5,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s6,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s7
  FROM scan_0 AS s
  JOIN cut_1 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), scan_1 AS (
  SELECT
    f.ae_begins AS ae_begins,
    f.ae_ends AS ae_ends,
    SUM(f."fee" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(*) AS Int64) AS a2,
    CAST(COUNT(f."fee") AS Int64) AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p15: Int64}
        THEN 0
        WHEN (
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p15: Int64}
            ),
            {p16: Int64}
          ) + 1
        ) > length({p17: Array(Int64)})
        THEN {p18: Int64}
        ELSE arrayElement(
          {p17: Array(Int64)},
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p15: Int64}
            ),
            {p16: Int64}
          ) + 1
        )
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p13: Int64}
        THEN 0
        ELSE CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p13: Int64}
          THEN 1
          ELSE 0
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p14: Int64}
          THEN 1
          ELSE 0
        END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p15: Int64}
          THEN 0
          WHEN (
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p15: Int64}
              ),
              {p16: Int64}
            ) + 1
          ) > length({p17: Array(Int64)})
          THEN {p18: Int64}
          ELSE arrayElement(
            {p17: Array(Int64)},
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p15: Int64}
              ),
              {p16: Int64}
            ) + 1
          )
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p13: Int64}
          THEN 0
          ELSE CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p13: Int64}
            THEN 1
            ELSE 0
          END + CASE
            WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p14: Int64}
            THEN 1
            ELSE 0
          END
        END,
        {p19: Int64}
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = {p11: String} AND f."started_at" < {p12: DateTime64(6, 'UTC')}
  ) AS f
  WHERE
    f."client_id" = {p11: String}
  GROUP BY
    1,
    2
), scan_1_0 AS (
  SELECT
    e.period AS period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS Decimal(76, 0))) AS s8,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s9,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s10,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a3 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s11
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
    s0,
    s1,
    s2,
    s3,
    NULL AS s4,
    NULL AS s5,
    NULL AS s6,
    NULL AS s7
  FROM scan_0_0
  UNION ALL
  SELECT
    period,
    d0,
    1 AS piece,
    NULL AS s0,
    NULL AS s1,
    NULL AS s2,
    NULL AS s3,
    s4,
    s5,
    s6,
    s7
  FROM scan_0_1
), merged AS (
  SELECT
    period,
    d0,
    MAX(s0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(s1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(s2) FILTER(WHERE
      piece = 0) AS s2,
    MAX(s3) FILTER(WHERE
      piece = 0) AS s3,
    MAX(s4) FILTER(WHERE
      piece = 1) AS s4,
    MAX(s5) FILTER(WHERE
      piece = 1) AS s5,
    MAX(s6) FILTER(WHERE
      piece = 1) AS s6,
    MAX(s7) FILTER(WHERE
      piece = 1) AS s7
  FROM cells
  GROUP BY
    period,
    d0
), terms AS (
  SELECT
    spine.period AS period,
    merged.d0 AS d0,
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
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS covered_1,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p20: Array(Bool)}, {p21: Array(Bool)}, arrayEnumerate({p20: Array(Bool)}))
        ) AS z
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
    ) AS Nullable(Float64)) / nullIf(CAST(t0 AS Nullable(Float64)), 0)
  END AS k1,
  CAST(t1 AS Nullable(Float64)) / nullIf(CAST(t2 AS Nullable(Float64)), 0) AS k2,
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
  period ASC,
  d0 ASC
LIMIT {p22: Int64}
OFFSET {p23: Int64}
