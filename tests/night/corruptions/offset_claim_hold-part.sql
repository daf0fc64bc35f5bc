-- More was offset than the dispute left.
update hold set cents = 5000 where hold_id = 210;
