WITH scan_0 AS (
  SELECT
    f.ae_group AS period,
    COUNT(*) AS s0
  FROM (
    SELECT
      f.*,
      CAST(1 AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      f."client_id" = CAST($1 AS TEXT)
      AND f."ordered_at" >= CAST($6 AS TIMESTAMPTZ)
      AND f."ordered_at" < CAST($7 AS TIMESTAMPTZ)
    UNION ALL
    SELECT
      f.*,
      CAST(NULL AS INT) AS ae_group
    FROM "facts"."order" AS f
    WHERE
      FALSE
  ) AS f
  LEFT JOIN "facts"."customer" AS j1
    ON j1."client_id" = f."client_id" AND j1."customer_id" = f."customer_id"
  LEFT JOIN "facts"."region" AS j2
    ON j2."client_id" = f."client_id" AND j2."region_id" = j1."region_id"
  WHERE
    (
      f."promised_on" <= CAST($2 AS DATE)
    )
    AND (
      f."ordered_at" > CAST($3 AS TIMESTAMPTZ)
    )
    AND (
      f."weight" >= CAST($4 AS DOUBLE PRECISION)
    )
    AND (
      f."cancelled" <> CAST($5 AS BOOLEAN)
    )
    AND (
      j2."name" IS NULL
    )
  GROUP BY
    1
), terms AS (
  SELECT
    spine.period,
    CASE
      WHEN COALESCE(scan_0.s0, 0) = 0
      THEN CASE WHEN spine.covered_0 THEN 0 END
      ELSE scan_0.s0
    END AS t0,
    COALESCE(scan_0.s0, 0) AS r0
  FROM UNNEST(CAST($8 AS BOOLEAN[])) WITH ORDINALITY AS spine(covered_0, period)
  LEFT JOIN scan_0
    ON scan_0.period = spine.period
)
SELECT
  period,
  t0 AS k0,
  t0 AS v0,
  r0
FROM terms
ORDER BY
  period ASC
LIMIT CAST($9 AS BIGINT)
OFFSET CAST($10 AS BIGINT)
