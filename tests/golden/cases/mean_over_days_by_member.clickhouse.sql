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
        arrayJoin(arrayZip({p15: Array(Int64)}, arrayEnumerate({p15: Array(Int64)}))) AS z
    ) AS z
  ) AS r
), a0_scan_0 AS (
  SELECT
    f.ae_begins AS ae_begins,
    f.ae_ends AS ae_ends,
    f."plan" AS d0,
    SUM(f."fee" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(*) AS Int64) AS a2
  FROM (
    SELECT
      f.*,
      CASE
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
        THEN 0
        WHEN (
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
          ) + 1
        ) > length({p6: Array(Int64)})
        THEN {p7: Int64}
        ELSE arrayElement(
          {p6: Array(Int64)},
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
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
        END
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
          THEN 0
          WHEN (
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
              ),
              {p5: Int64}
            ) + 1
          ) > length({p6: Array(Int64)})
          THEN {p7: Int64}
          ELSE arrayElement(
            {p6: Array(Int64)},
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
              ),
              {p5: Int64}
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
          END
        END,
        {p8: Int64}
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = {p9: String} AND f."started_at" < {p1: DateTime64(6, 'UTC')}
  ) AS f
  WHERE
    f."client_id" = {p9: String}
  GROUP BY
    1,
    2,
    3
), a0_scan_0_0 AS (
  SELECT
    e.period AS period,
    s.d0 AS d0,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM a0_scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1,
    2
), members AS (
  SELECT
    c.owner AS owner,
    c.d0 AS d0
  FROM (
    SELECT
      o.owner AS owner,
      s.d0 AS d0
    FROM a0_scan_0_0 AS s
    JOIN (
      SELECT
        tupleElement(z.z, 1) AS owner,
        tupleElement(z.z, 2) AS period
      FROM (
        SELECT
          arrayJoin(arrayZip({p10: Array(Int64)}, arrayEnumerate({p10: Array(Int64)}))) AS z
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
    s0,
    s1,
    s2
  FROM a0_scan_0_0
  UNION ALL
  SELECT
    o.period AS period,
    m.d0 AS d0,
    1 AS piece,
    NULL AS s0,
    NULL AS s1,
    NULL AS s2
  FROM (
    SELECT
      tupleElement(z.z, 1) AS owner,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p10: Array(Int64)}, arrayEnumerate({p10: Array(Int64)}))) AS z
    ) AS z
  ) AS o
  JOIN members AS m
    ON o.owner = m.owner
), a0_merged AS (
  SELECT
    period,
    d0,
    MAX(s0) FILTER(WHERE
      piece = 0) AS s0,
    MAX(s1) FILTER(WHERE
      piece = 0) AS s1,
    MAX(s2) FILTER(WHERE
      piece = 0) AS s2
  FROM a0_cells
  GROUP BY
    period,
    d0
), a0_terms AS (
  SELECT
    spine.period AS period,
    a0_merged.d0 AS d0,
    CASE
      WHEN COALESCE(a0_merged.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE a0_merged.s0
    END AS t0,
    COALESCE(a0_merged.s1, 0) AS r0,
    COALESCE(a0_merged.s2, 0) AS p0,
    spine.owner AS owner
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS owner,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p11: Array(Bool)}, {p10: Array(Int64)}, arrayEnumerate({p11: Array(Bool)}))
        ) AS z
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
      WHEN CAST(COUNT(*) AS Int64) = CAST(COUNT(value) AS Int64)
      THEN CAST(SUM(value * CAST(1 AS Decimal(76, 0))) AS Nullable(Float64)) / nullIf(CAST(CAST(COUNT(value) AS Int64) AS Nullable(Float64)), 0)
    END AS m0,
    CAST(SUM(present) AS Nullable(Int64)) AS m0_rows
  FROM a0_days
  GROUP BY
    owner,
    d0
), terms AS (
  SELECT
    spine.period AS period,
    a0_mean.d0 AS d0,
    a0_mean.m0 AS m0,
    a0_mean.m0_rows AS m0_rows
  FROM (
    SELECT
      tupleElement(z.z, 1) AS owner,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p12: Array(Int64)}, arrayEnumerate({p12: Array(Int64)}))) AS z
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
  period ASC,
  d0 ASC
LIMIT {p13: Int64}
OFFSET {p14: Int64}
