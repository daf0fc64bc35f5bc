-- A credit note lies on another running account than its declaration.
update claim set origin_declaration_id = 207 where claim_id = 2507;
