WITH cut_0 AS (
  SELECT
    r.period AS period,
    r.first_segment AS first_segment,
    r.last_segment AS last_segment
  FROM (
    SELECT
      tupleElement(z.z, 1) AS first_segment,
      tupleElement(z.z, 2) AS last_segment,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p12: Array(Int64)}, {p13: Array(Int64)}, arrayEnumerate({p12: Array(Int64)}))
        ) AS z
    ) AS z
  ) AS r
), scan_0_things AS (
  SELECT
    e.period AS period,
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
        WHEN toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
        THEN 0
        WHEN (
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
            ),
            {p3: Int64}
          ) + 1
        ) > length({p4: Array(Int64)})
        THEN {p5: Int64}
        ELSE arrayElement(
          {p4: Array(Int64)},
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."started_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
            ),
            {p3: Int64}
          ) + 1
        )
      END AS ae_begins,
      COALESCE(
        CASE
          WHEN toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
          THEN 0
          WHEN (
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
              ),
              {p3: Int64}
            ) + 1
          ) > length({p4: Array(Int64)})
          THEN {p5: Int64}
          ELSE arrayElement(
            {p4: Array(Int64)},
            intDiv(
              (
                toUnixTimestamp64Micro(CAST(f."ended_at" AS Nullable(DateTime64(6, 'UTC')))) - {p2: Int64}
              ),
              {p3: Int64}
            ) + 1
          )
        END,
        {p6: Int64}
      ) AS ae_ends
    FROM "facts"."subscription" AS f
    WHERE
      f."client_id" = {p7: String} AND f."started_at" < {p1: DateTime64(6, 'UTC')}
  ) AS f
  JOIN cut_0 AS e
    ON f.ae_begins < e.last_segment
  WHERE
    f."client_id" = {p7: String} AND f."fee" >= {p8: Int64}
  GROUP BY
    e.period,
    f."sub_id"
), scan_0 AS (
  SELECT
    period,
    SUM(CASE WHEN at_start = 1 AND at_end = 0 THEN 1 ELSE 0 END) AS s0,
    SUM(CASE WHEN at_start = 1 AND at_end = 1 THEN 1 ELSE 0 END) AS s1,
    SUM(CASE WHEN at_start = 0 AND at_end = 1 THEN 1 ELSE 0 END) AS s2,
    SUM(CASE WHEN at_start + at_end > 0 THEN 1 ELSE 0 END) AS s3,
    CAST(COUNT(*) AS Int64) AS s4
  FROM scan_0_things
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period AS period,
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
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS period
    FROM (
      SELECT
        arrayJoin(arrayZip({p9: Array(Bool)}, arrayEnumerate({p9: Array(Bool)}))) AS z
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
  period ASC
LIMIT {p10: Int64}
OFFSET {p11: Int64}
