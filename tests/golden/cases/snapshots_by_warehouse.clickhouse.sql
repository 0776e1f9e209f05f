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
    j1."name" AS d0,
    SUM(f."quantity" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(*) AS Int64) AS a2,
    CAST(COUNT(f."quantity") AS Int64) AS a3
  FROM (
    SELECT
      f.*,
      CASE
        WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) < {p4: Int64}
        THEN 0
        WHEN (
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
          ) + 1
        ) > length({p6: Array(Int64)})
        THEN {p7: Int64}
        ELSE arrayElement(
          {p6: Array(Int64)},
          intDiv(
            (
              toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) - {p4: Int64}
            ),
            {p5: Int64}
          ) + 1
        )
      END + CASE
        WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) < {p2: Int64}
        THEN 0
        ELSE CASE
          WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p2: Int64}
          THEN 1
          ELSE 0
        END + CASE
          WHEN toUnixTimestamp64Micro(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC')))) >= {p3: Int64}
          THEN 1
          ELSE 0
        END
      END AS ae_begins,
      LEAST(
        COALESCE(
          CASE
            WHEN toUnixTimestamp64Micro(
              CAST(LEAD(toNullable(f."taken_at")) OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS Nullable(DateTime64(6, 'UTC')))
            ) < {p4: Int64}
            THEN 0
            WHEN (
              intDiv(
                (
                  toUnixTimestamp64Micro(
                    CAST(LEAD(toNullable(f."taken_at")) OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS Nullable(DateTime64(6, 'UTC')))
                  ) - {p4: Int64}
                ),
                {p5: Int64}
              ) + 1
            ) > length({p6: Array(Int64)})
            THEN {p7: Int64}
            ELSE arrayElement(
              {p6: Array(Int64)},
              intDiv(
                (
                  toUnixTimestamp64Micro(
                    CAST(LEAD(toNullable(f."taken_at")) OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS Nullable(DateTime64(6, 'UTC')))
                  ) - {p4: Int64}
                ),
                {p5: Int64}
              ) + 1
            )
          END + CASE
            WHEN toUnixTimestamp64Micro(
              CAST(LEAD(toNullable(f."taken_at")) OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS Nullable(DateTime64(6, 'UTC')))
            ) < {p2: Int64}
            THEN 0
            ELSE CASE
              WHEN toUnixTimestamp64Micro(
                CAST(LEAD(toNullable(f."taken_at")) OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS Nullable(DateTime64(6, 'UTC')))
              ) >= {p2: Int64}
              THEN 1
              ELSE 0
            END + CASE
              WHEN toUnixTimestamp64Micro(
                CAST(LEAD(toNullable(f."taken_at")) OVER (PARTITION BY f."product_id", f."warehouse_id" ORDER BY f."taken_at") AS Nullable(DateTime64(6, 'UTC')))
              ) >= {p3: Int64}
              THEN 1
              ELSE 0
            END
          END,
          {p8: Int64}
        ),
        CASE
          WHEN toUnixTimestamp64Micro(
            CAST(addSeconds(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC'))), 604800) AS Nullable(DateTime64(6, 'UTC')))
          ) < {p4: Int64}
          THEN 0
          WHEN (
            intDiv(
              (
                toUnixTimestamp64Micro(
                  CAST(addSeconds(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC'))), 604800) AS Nullable(DateTime64(6, 'UTC')))
                ) - {p4: Int64}
              ),
              {p5: Int64}
            ) + 1
          ) > length({p6: Array(Int64)})
          THEN {p7: Int64}
          ELSE arrayElement(
            {p6: Array(Int64)},
            intDiv(
              (
                toUnixTimestamp64Micro(
                  CAST(addSeconds(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC'))), 604800) AS Nullable(DateTime64(6, 'UTC')))
                ) - {p4: Int64}
              ),
              {p5: Int64}
            ) + 1
          )
        END + CASE
          WHEN toUnixTimestamp64Micro(
            CAST(addSeconds(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC'))), 604800) AS Nullable(DateTime64(6, 'UTC')))
          ) < {p2: Int64}
          THEN 0
          ELSE CASE
            WHEN toUnixTimestamp64Micro(
              CAST(addSeconds(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC'))), 604800) AS Nullable(DateTime64(6, 'UTC')))
            ) >= {p2: Int64}
            THEN 1
            ELSE 0
          END + CASE
            WHEN toUnixTimestamp64Micro(
              CAST(addSeconds(CAST(f."taken_at" AS Nullable(DateTime64(6, 'UTC'))), 604800) AS Nullable(DateTime64(6, 'UTC')))
            ) >= {p3: Int64}
            THEN 1
            ELSE 0
          END
        END
      ) AS ae_ends
    FROM "facts"."stock" AS f
    WHERE
      f."client_id" = {p9: String} AND f."taken_at" < {p1: DateTime64(6, 'UTC')}
  ) AS f
  LEFT JOIN "facts"."warehouse" AS j1
    ON j1."client_id" = f."client_id" AND j1."warehouse_id" = f."warehouse_id"
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
      THEN CASE WHEN spine.covered_0 AND COALESCE(scan_0_0.s1, 0) > 0 THEN 0 END
      ELSE scan_0_0.s0
    END AS t0,
    COALESCE(scan_0_0.s1, 0) AS r0,
    COALESCE(scan_0_0.s2, 0) AS p0,
    COALESCE(scan_0_0.s3, 0) AS n0
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
), repeated_warehouse AS (
  SELECT
    k.times AS times
  FROM (
    SELECT
      CAST(COUNT(*) AS Int64) AS times
    FROM "facts"."warehouse" AS f
    WHERE
      f."client_id" = {p9: String}
    GROUP BY
      f."warehouse_id"
  ) AS k
  WHERE
    k.times > 1
)
SELECT
  period,
  d0,
  t0 AS k0,
  t0 AS v0,
  r0,
  n0,
  (
    SELECT
      CAST(COUNT(*) AS Int64)
    FROM repeated_warehouse
  ) AS repeated_warehouse
FROM terms
WHERE
  p0 > 0
ORDER BY
  period ASC,
  d0 ASC
LIMIT {p11: Int64}
OFFSET {p12: Int64}
