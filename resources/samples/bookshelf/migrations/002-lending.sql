CREATE TABLE members (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  joined TEXT NOT NULL CHECK (joined GLOB '????-??-??')
) STRICT;

CREATE TABLE loans (
  id        INTEGER PRIMARY KEY,
  book_id   INTEGER NOT NULL REFERENCES books (id),
  member_id INTEGER NOT NULL REFERENCES members (id),
  lent      TEXT NOT NULL CHECK (lent GLOB '????-??-??'),
  due       TEXT NOT NULL CHECK (due >= lent),
  returned  TEXT CHECK (returned >= lent)
) STRICT;

-- A book is lent to one member at a time, whatever the code above the database believes.
CREATE UNIQUE INDEX loans_open ON loans (book_id) WHERE returned IS NULL;
