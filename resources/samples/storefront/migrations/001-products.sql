CREATE TABLE products (
  id integer PRIMARY KEY,
  name text NOT NULL,
  cents integer NOT NULL CHECK (cents > 0)
);

CREATE TABLE orders (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product integer NOT NULL REFERENCES products,
  quantity integer NOT NULL CHECK (quantity > 0),
  cents integer NOT NULL
);

INSERT INTO products (id, name, cents) VALUES
  (1, 'Kettle', 3900),
  (2, 'Teapot', 2400),
  (3, 'Cups, six', 1800);
