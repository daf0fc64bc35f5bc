-- A queue row promises more than was awarded.
update payable set cents = cents + 1 where account_id = 3 and entry_id = 208;
