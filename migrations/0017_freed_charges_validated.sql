-- 0017 The wider check on posting kinds of 0015, validated in a transaction of its own.
alter table posting validate constraint posting_kind_fits;
