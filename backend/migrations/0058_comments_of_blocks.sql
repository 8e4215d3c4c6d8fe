-- The block of a board that a comment is about, by its title then, and the version that was read.
alter table board_comments add column block text, add column number integer;
