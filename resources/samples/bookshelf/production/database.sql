CREATE TABLE schema_migrations (
  number INTEGER PRIMARY KEY,
  name   TEXT NOT NULL,
  sha256 TEXT NOT NULL
) STRICT;
INSERT INTO schema_migrations (number, name, sha256) VALUES
  (1, 'catalogue', '2dcb2335df2aabd6b4e4cfbe7e9bdbe2dd4aa2e41c2d98251e7afd9e8d8f740a'),
  (2, 'lending', '3b3009e6877bdadc591a51402621cadc8892db454551932a40e2869579b10722'),
  (3, 'genres', '332381311bbdd87572311be0eb0b7033b2d8cca8bd5159555c497ff0493a4384');

CREATE TABLE authors (
  id     INTEGER PRIMARY KEY,
  given  TEXT NOT NULL,
  family TEXT NOT NULL CHECK (length(family) > 0),
  UNIQUE (family, given)
) STRICT;
INSERT INTO authors (id, given, family) VALUES
  (1, 'Ursula K.', 'Le Guin'),
  (2, 'Italo', 'Calvino'),
  (3, 'Toni', 'Morrison'),
  (4, 'Mikhail', 'Bulgakov'),
  (5, 'Chinua', 'Achebe'),
  (6, 'Octavia E.', 'Butler'),
  (7, 'Umberto', 'Eco'),
  (8, 'Stanislaw', 'Lem'),
  (9, 'Natsume', 'Soseki'),
  (10, 'George', 'Eliot'),
  (11, 'Jane', 'Austen'),
  (12, 'Mary', 'Shelley'),
  (13, 'Juan', 'Rulfo'),
  (14, 'Murasaki', 'Shikibu'),
  (15, 'Rachel', 'Carson'),
  (16, 'Primo', 'Levi'),
  (17, 'Virginia', 'Woolf'),
  (18, 'Frederick P.', 'Brooks');

CREATE TABLE books (
  id        INTEGER PRIMARY KEY,
  isbn      TEXT NOT NULL UNIQUE CHECK (length(isbn) = 13),
  title     TEXT NOT NULL CHECK (length(title) > 0),
  author_id INTEGER NOT NULL REFERENCES authors (id),
  published INTEGER NOT NULL CHECK (published BETWEEN 1450 AND 2100)
, genre TEXT NOT NULL DEFAULT 'Fiction') STRICT;
INSERT INTO books (id, isbn, title, author_id, published, genre) VALUES
  (1, '9780000000019', 'The Left Hand of Darkness', 1, 1969, 'Science fiction'),
  (2, '9780000000026', 'The Dispossessed', 1, 1974, 'Science fiction'),
  (3, '9780000000033', 'A Wizard of Earthsea', 1, 1968, 'Fantasy'),
  (4, '9780000000040', 'Invisible Cities', 2, 1972, 'Fiction'),
  (5, '9780000000057', 'If on a winter''s night a traveler', 2, 1979, 'Fiction'),
  (6, '9780000000064', 'Beloved', 3, 1987, 'Fiction'),
  (7, '9780000000071', 'Song of Solomon', 3, 1977, 'Fiction'),
  (8, '9780000000088', 'The Master and Margarita', 4, 1967, 'Fiction'),
  (9, '9780000000095', 'Things Fall Apart', 5, 1958, 'Fiction'),
  (10, '9780000000101', 'Kindred', 6, 1979, 'Science fiction'),
  (11, '9780000000118', 'Parable of the Sower', 6, 1993, 'Science fiction'),
  (12, '9780000000125', 'The Name of the Rose', 7, 1980, 'Mystery'),
  (13, '9780000000132', 'Solaris', 8, 1961, 'Science fiction'),
  (14, '9780000000149', 'The Cyberiad', 8, 1965, 'Science fiction'),
  (15, '9780000000156', 'Kokoro', 9, 1914, 'Fiction'),
  (16, '9780000000163', 'Middlemarch', 10, 1871, 'Classic'),
  (17, '9780000000170', 'Pride and Prejudice', 11, 1813, 'Classic'),
  (18, '9780000000187', 'Frankenstein', 12, 1818, 'Classic'),
  (19, '9780000000194', 'Pedro Páramo', 13, 1955, 'Fiction'),
  (20, '9780000000200', 'The Tale of Genji', 14, 1925, 'Classic'),
  (21, '9780000000217', 'Silent Spring', 15, 1962, 'Science'),
  (22, '9780000000224', 'The Periodic Table', 16, 1975, 'Memoir'),
  (23, '9780000000231', 'A Room of One''s Own', 17, 1929, 'Essay'),
  (24, '9780000000248', 'The Mythical Man-Month', 18, 1975, 'Engineering');

CREATE TABLE members (
  id     INTEGER PRIMARY KEY,
  name   TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
  joined TEXT NOT NULL CHECK (joined GLOB '????-??-??')
) STRICT;
INSERT INTO members (id, name, joined) VALUES
  (1, 'Amara', '2026-01-05'),
  (2, 'Bruno', '2026-02-02'),
  (3, 'Chiyo', '2026-02-10');

CREATE TABLE loans (
  id        INTEGER PRIMARY KEY,
  book_id   INTEGER NOT NULL REFERENCES books (id),
  member_id INTEGER NOT NULL REFERENCES members (id),
  lent      TEXT NOT NULL CHECK (lent GLOB '????-??-??'),
  due       TEXT NOT NULL CHECK (due >= lent),
  returned  TEXT CHECK (returned >= lent)
) STRICT;
INSERT INTO loans (id, book_id, member_id, lent, due, returned) VALUES
  (1, 1, 1, '2026-01-05', '2026-01-26', '2026-01-19'),
  (2, 1, 2, '2026-02-02', '2026-02-23', NULL),
  (3, 5, 3, '2026-02-10', '2026-03-03', NULL),
  (4, 12, 1, '2026-02-14', '2026-03-07', NULL);

CREATE UNIQUE INDEX loans_open ON loans (book_id) WHERE returned IS NULL;

