WITH policy_customers AS (SELECT 1 FROM :customers),
policy_terms AS (
  SELECT
    :cell AS cell,
    CASE
      WHEN :has_recovery_estimate THEN recovery_estimate
      WHEN recovered THEN NULL
      ELSE engagement_score * CASE
        WHEN days_since_abandonment <= 0 THEN 1.0
        WHEN days_since_abandonment >= 7 THEN 0.0
        ELSE (7.0 - days_since_abandonment) / 7.0
      END
    END AS conversion,
    profitability_score AS profitability,
    -- The logarithm of 0 is an error in some engines.
    CASE
      WHEN :scale <= 0 THEN 0.0
      WHEN avg_order_value >= :scale THEN 0.6
      WHEN avg_order_value > -1 THEN 0.6 * (LN(1.0 + avg_order_value) / :log_scale)
    END + 0.4 * profitability_score AS fit,
    CASE WHEN recovered THEN NULL ELSE COALESCE(cart_value, avg_order_value) END AS basket,
    CAST(CASE
      WHEN recovered OR NOT email_consent OR unsubscribed OR contacted_recently OR not_chosen THEN 0.0
      WHEN (:has_email OR :has_phone) AND email IS NULL AND phone IS NULL THEN 0.0
      ELSE 1.0
    END AS DOUBLE) AS reachable
  FROM policy_customers
),
policy_centred AS (SELECT 1 FROM policy_terms)
SELECT cell, COUNT(*) AS customers
FROM policy_centred
GROUP BY cell
