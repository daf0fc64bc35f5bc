-- The net of a payout is not its gross less offset.
alter table payout drop constraint net_is_gross_less_offset;
update payout set net_cents = net_cents + 100 where payout_id = 3003;
