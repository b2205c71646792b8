-- name: findMember :one
-- param: name string
SELECT m.id, m.name, m.joined FROM members AS m WHERE m.name = :name;

-- name: addMember :run
-- param: name string
-- param: joined string
INSERT INTO members (name, joined) VALUES (:name, :joined);

-- name: lendBook :run
-- param: book number
-- param: member number
-- param: lent string
-- param: due string
INSERT INTO loans (book_id, member_id, lent, due) VALUES (:book, :member, :lent, :due);

-- name: returnBook :run
-- param: book number
-- param: returned string
UPDATE loans SET returned = :returned WHERE book_id = :book AND returned IS NULL;

-- name: loansOfMember :many
-- param: member number
-- param: limit number
SELECT l.id, book.title, l.lent, l.due, l.returned
FROM loans AS l
JOIN books AS book ON book.id = l.book_id
WHERE l.member_id = :member
ORDER BY l.lent DESC, l.id DESC
LIMIT :limit;

-- name: historyOfBook :many
-- param: book number
SELECT l.id, m.name, l.lent, l.returned
FROM loans AS l
JOIN members AS m ON m.id = l.member_id
WHERE l.book_id = :book
ORDER BY l.lent, l.id;

-- name: overdueLoans :many
-- param: today string
SELECT l.id, book.title, m.name, l.due
FROM loans AS l
JOIN books AS book ON book.id = l.book_id
JOIN members AS m ON m.id = l.member_id
WHERE l.returned IS NULL AND l.due < :today
ORDER BY l.due, l.id;

-- name: countEverything :one
-- column: books number
-- column: members number
-- column: lent number
SELECT
  (SELECT count(*) FROM books) AS books,
  (SELECT count(*) FROM members) AS members,
  (SELECT count(*) FROM loans AS l WHERE l.returned IS NULL) AS lent;
