-- A final settlement says another amount than the interim claim was brought to.
update claim_settlement set cents = cents + 1;
