-- A confirmation without its posting.
delete from posting where kind = 6;
