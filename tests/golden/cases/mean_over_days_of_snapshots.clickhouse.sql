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
    SUM(f."quantity" * CAST(1 AS Decimal(76, 0))) AS a0,
    CAST(COUNT(*) AS Int64) AS a1,
    CAST(COUNT(*) AS Int64) AS a2
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
  WHERE
    f."client_id" = {p9: String}
  GROUP BY
    1,
    2
), a0_scan_0_0 AS (
  SELECT
    e.period AS period,
    SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a0 END * CAST(1 AS Decimal(76, 0))) AS s0,
    CAST(SUM(CASE WHEN s.ae_ends >= e.last_segment THEN s.a1 END * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s1,
    CAST(SUM(s.a2 * CAST(1 AS Decimal(76, 0))) AS Nullable(Int64)) AS s2
  FROM a0_scan_0 AS s
  JOIN cut_0 AS e
    ON s.ae_begins < e.last_segment
  GROUP BY
    1
), a0_terms AS (
  SELECT
    spine.period AS period,
    CASE
      WHEN COALESCE(a0_scan_0_0.s1, 0) = 0
      THEN CASE WHEN spine.covered_0 AND COALESCE(a0_scan_0_0.s1, 0) > 0 THEN 0 END
      ELSE a0_scan_0_0.s0
    END AS t0,
    COALESCE(a0_scan_0_0.s1, 0) AS r0,
    COALESCE(a0_scan_0_0.s2, 0) AS p0,
    spine.owner AS owner
  FROM (
    SELECT
      tupleElement(z.z, 1) AS covered_0,
      tupleElement(z.z, 2) AS owner,
      tupleElement(z.z, 3) AS period
    FROM (
      SELECT
        arrayJoin(
          arrayZip({p10: Array(Bool)}, {p11: Array(Int64)}, arrayEnumerate({p10: Array(Bool)}))
        ) AS z
    ) AS z
  ) AS spine
  LEFT JOIN a0_scan_0_0
    ON a0_scan_0_0.period = spine.period
), a0_days AS (
  SELECT
    owner,
    t0 AS value,
    p0 AS present
  FROM a0_terms
), a0_mean AS (
  SELECT
    owner AS period,
    CASE
      WHEN CAST(COUNT(*) AS Int64) = CAST(COUNT(value) AS Int64)
      THEN CAST(SUM(value * CAST(1 AS Decimal(76, 0))) AS Nullable(Float64)) / nullIf(CAST(CAST(COUNT(value) AS Int64) AS Nullable(Float64)), 0)
    END AS m0,
    CAST(SUM(present) AS Nullable(Int64)) AS m0_rows
  FROM a0_days
  GROUP BY
    owner
), terms AS (
  SELECT
    spine.period AS period,
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
  LEFT JOIN a0_mean
    ON a0_mean.period = spine.period
)
SELECT
  period,
  m0 AS k0,
  m0 AS v0,
  COALESCE(m0_rows, 0) AS r0
FROM terms
ORDER BY
  period ASC
LIMIT {p13: Int64}
OFFSET {p14: Int64}
