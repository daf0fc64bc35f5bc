-- The running account's own lower share was not kept.
update offset_instruction set cap_basis_points = 5000 where instruction_id = 214;
