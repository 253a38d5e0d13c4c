WITH policy_customers AS (SELECT 1 FROM :customers),
policy_segments AS (
  SELECT user_id, :segment AS segment, :hash % 10000 AS bucket
  FROM policy_customers
)
SELECT user_id, segment, :arm AS arm
FROM policy_segments
