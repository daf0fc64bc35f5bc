-- A declaration is credited for more than was awarded.
update declaration set awarded_cents = 5000 where declaration_id = 300;
