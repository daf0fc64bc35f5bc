-- A claim does not show what came back to it; its takeover is of long ago, and no night answered for it.
delete from decision where claim_id = 490 and run_id = 3000;
update takeover set taken_on = '2026-02-01' where takeover_id = 502;
update claim_position set open_principal_cents = 0 where claim_id = 490;
