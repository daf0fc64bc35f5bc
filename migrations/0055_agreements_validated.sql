-- 0055 The wider checks of 0054, validated in a transaction of their own.
alter table posting validate constraint posting_kind_fits;
alter table claim validate constraint claim_kind_check;
