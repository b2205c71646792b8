-- Where a book stands: three letters of the author, then the year, as on the spine ("LEG 1969").
ALTER TABLE books ADD COLUMN shelf_mark TEXT NOT NULL DEFAULT '';

UPDATE books
SET shelf_mark = upper(substr(replace(a.family, ' ', ''), 1, 3)) || ' ' || books.published
FROM authors AS a
WHERE a.id = books.author_id;
