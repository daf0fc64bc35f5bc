-- The running account gave more than its cap in one night.
update offset_instruction set cap_cents = 7999 where instruction_id = 214;
