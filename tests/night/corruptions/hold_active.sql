-- A hold that began before the night was never counted.
update hold set active = false where hold_id = 210;
