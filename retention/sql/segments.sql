WITH policy_customers AS (SELECT 1 FROM :customers)
SELECT user_id, :segment AS segment
FROM policy_customers
