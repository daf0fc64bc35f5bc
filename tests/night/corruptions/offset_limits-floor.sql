-- A payout was pushed below its floor.
update offset_instruction set floor_cents = 2001 where instruction_id = 160;
