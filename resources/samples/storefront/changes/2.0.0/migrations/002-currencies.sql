-- Orders of before were all in euro.
ALTER TABLE orders ADD COLUMN currency text NOT NULL DEFAULT 'EUR';
-- From now on an order says what it is in.
ALTER TABLE orders ALTER COLUMN currency DROP DEFAULT;
