-- Every query of the product, by name. `many` gives all rows, `one` the first or none, `run` changes rows.
-- Parameters and computed columns carry their type here, since SQLite cannot tell it.

-- name: listBooks :many
-- param: pattern string
-- param: limit number
-- column: author string
-- column: borrower string | null
-- column: due string | null
SELECT
  book.id, book.isbn, book.title, a.given || ' ' || a.family AS author, book.published, book.genre,
  book.shelf_mark, m.name AS borrower, l.due
FROM books AS book
JOIN authors AS a ON a.id = book.author_id
LEFT JOIN loans AS l ON l.book_id = book.id AND l.returned IS NULL
LEFT JOIN members AS m ON m.id = l.member_id
WHERE book.title LIKE :pattern OR a.family LIKE :pattern OR a.given LIKE :pattern
ORDER BY a.family, book.published, book.id
LIMIT :limit;

-- name: findBook :one
-- param: id number
-- column: author string
-- column: borrower string | null
-- column: due string | null
SELECT
  book.id, book.isbn, book.title, a.given || ' ' || a.family AS author, book.published, book.genre,
  book.shelf_mark, m.name AS borrower, l.due
FROM books AS book
JOIN authors AS a ON a.id = book.author_id
LEFT JOIN loans AS l ON l.book_id = book.id AND l.returned IS NULL
LEFT JOIN members AS m ON m.id = l.member_id
WHERE book.id = :id;

-- name: booksByAuthor :many
-- param: author number
SELECT book.id, book.title, book.published
FROM books AS book
WHERE book.author_id = :author
ORDER BY book.published, book.id;

-- name: findIsbn :one
-- param: isbn string
SELECT book.id FROM books AS book WHERE book.isbn = :isbn;

-- name: findAuthor :one
-- param: given string
-- param: family string
SELECT a.id FROM authors AS a WHERE a.family = :family AND a.given = :given;

-- name: addAuthor :run
-- param: given string
-- param: family string
INSERT INTO authors (given, family) VALUES (:given, :family);

-- name: addBook :run
-- param: isbn string
-- param: title string
-- param: author number
-- param: published number
-- param: genre string
-- param: shelf_mark string
INSERT INTO books (isbn, title, author_id, published, genre, shelf_mark)
VALUES (:isbn, :title, :author, :published, :genre, :shelf_mark);
