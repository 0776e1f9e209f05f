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
        arrayJoin(arrayZip({p13: Array(Int64)}, arrayEnumerate({p13: Array(Int64)}))) AS z
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
), terms AS (
  SELECT
    spine.period AS period,
    scan_0_0.d0 AS d0,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS p0,
    COALESCE(scan_0_0.s3, 0) AS n0,
    CASE
      WHEN COALESCE(scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0_0.s1
    END AS t1,
    COALESCE(scan_0_0.s1, 0) AS r1,
    COALESCE(scan_0_0.s2, 0) AS p1
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p10: Array(Bool)}, arrayEnumerate({p10: Array(Bool)}))) AS z
    ) AS z
  ) AS spine
  JOIN scan_0_0
    ON scan_0_0.period = spine.period
)
SELECT
  period,
  d0,
  t0 AS k0,
  t1 AS k1,
  t0 AS v0,
  r0,
  n0,
  t1 AS v1,
  r1
FROM terms
WHERE
  (
    p0 > 0 OR p1 > 0
  )
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p11: Int64}
OFFSET {p12: Int64}
