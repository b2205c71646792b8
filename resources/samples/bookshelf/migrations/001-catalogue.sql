CREATE TABLE authors (
  id     INTEGER PRIMARY KEY,
  given  TEXT NOT NULL,
  family TEXT NOT NULL CHECK (length(family) > 0),
  UNIQUE (family, given)
) STRICT;

CREATE TABLE books (
  id        INTEGER PRIMARY KEY,
  isbn      TEXT NOT NULL UNIQUE CHECK (length(isbn) = 13),
  title     TEXT NOT NULL CHECK (length(title) > 0),
  author_id INTEGER NOT NULL REFERENCES authors (id),
  published INTEGER NOT NULL CHECK (published BETWEEN 1450 AND 2100)
) STRICT;
